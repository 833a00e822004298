"""Full, read-only, held by others, damaged: a sentence for the user, 503 for the sender, nothing half done.

The disks are real: a memory file system of two megabytes, which only root may mount.
"""

import asyncio
import os
import sqlite3
import subprocess
from pathlib import Path

import httpx
import pandas as pd
import pytest

from graphcall_nb.background import serve
from graphcall_nb.errors import JournalError
from graphcall_nb.frames.export import write_frame
from graphcall_nb.journal.errors import QUIET_SECONDS, WriteHealth
from graphcall_nb.journal.journal import open_journal
from graphcall_nb.listener.app import Listener

from .rows import notification
from .service import envelope

JSON = {"content-type": "application/json"}


@pytest.fixture
def disk(tmp_path):
    """A small disk of one's own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("Only root may mount the small disk of this test.")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(folder: Path) -> Path:
    """Take all the room there is."""
    filler = folder / "filler"
    with filler.open("ab", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue
    return filler


class Trusting:
    def knows(self, authorization):
        return True


class Receiver:
    """A listener on a real socket that writes into a journal."""

    def __init__(self, journal):
        self.journal = journal
        self.listener = Listener(journal, Trusting(), path="/x")

    async def post(self, *call_ids):
        async with httpx.AsyncClient() as client:
            return [(await client.post(f"{self.url}/x", content=envelope(name), headers=JSON)) for name in call_ids]


@pytest.fixture
async def receiver(request):
    made = []

    async def receive(path):
        receiver = Receiver(open_journal(path))
        server = await serve(receiver.listener)
        receiver.url = server.url
        made.append((server, receiver.journal))
        return receiver

    yield receive
    for server, journal in made:
        await server.close()
        journal.close()


def call_ids(journal):
    return [row[2] for row in journal.read()]


async def test_full_disk_is_503_until_there_is_room(disk, receiver):
    receiving = await receiver(disk / "journal.sqlite")
    await receiving.post("before")
    filler = fill(disk)
    names = [f"full-{n}" for n in range(50)]
    refused = await receiving.post(*names)
    taken = [name for name, answer in zip(names, refused, strict=True) if answer.status_code == 202]
    assert {answer.status_code for answer in refused[-10:]} == {503}
    assert refused[-1].headers["retry-after"] == "5"
    filler.unlink()
    assert [answer.status_code for answer in await receiving.post("after")] == [202]
    assert call_ids(receiving.journal) == ["before", *taken, "after"]


async def test_full_disk_is_said_with_path_and_remedy(disk):
    journal = open_journal(disk / "journal.sqlite")
    fill(disk)
    with pytest.raises(JournalError, match=rf"{disk}/journal\.sqlite: the disk is full; make room"):
        await journal.append([notification("a", raw="x" * 5000)] * 1000, 1)
    assert journal.read() == []
    journal.close()


def test_new_journal_on_a_full_disk(disk):
    fill(disk)
    with pytest.raises(JournalError, match=rf"{disk}/journal\.sqlite: the disk (is full|cannot be)"):
        open_journal(disk / "journal.sqlite")


def test_export_to_a_full_disk_leaves_the_file_that_was_there(disk):
    path = disk / "calls.csv"
    path.write_text("yesterday's")
    with pytest.raises(OSError, match=f"Cannot write {path}: No space left"):
        write_frame(pd.DataFrame({"text": ["x" * 1000] * 3000}), path)
    assert path.read_text() == "yesterday's"
    assert list(disk.iterdir()) == [path]


async def test_locked_file_is_503_until_it_is_let_go(tmp_path, receiver):
    path = tmp_path / "journal.sqlite"
    receiving = await receiver(f"sqlite:///{path}?timeout=0.2")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    assert [answer.status_code for answer in await receiving.post("held")] == [503]
    with pytest.raises(JournalError, match=r"journal\.sqlite.*another program holds it; close that program"):
        await receiving.journal.append([notification("held")], 1)
    holder.execute("COMMIT")
    holder.close()
    assert [answer.status_code for answer in await receiving.post("free")] == [202]
    assert call_ids(receiving.journal) == ["free"]


async def test_loop_goes_on_while_another_program_holds_the_file(tmp_path, receiver):
    path = tmp_path / "journal.sqlite"
    receiving = await receiver(f"sqlite:///{path}?timeout=20")
    await receiving.post("quick")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    began = asyncio.get_running_loop().time()
    waiting = asyncio.create_task(receiving.journal.append([notification("held")], 1))
    for _ in range(10):
        await asyncio.sleep(0)
    assert asyncio.get_running_loop().time() - began < 20  # else it was the loop that waited for the lock
    holder.close()
    await waiting
    assert call_ids(receiving.journal) == ["quick", "held"]


@pytest.fixture
async def moved(tmp_path, receiver):
    """A receiver whose file was moved away after its first notification, and the file's path."""
    path = tmp_path / "journal.sqlite"
    receiving = await receiver(path)
    await receiving.post("before")
    path.rename(tmp_path / "elsewhere")
    return receiving, path


async def test_file_that_was_moved_away_is_503_until_it_is_back(moved):
    receiving, path = moved
    assert [answer.status_code for answer in await receiving.post("lost", "lost")] == [503, 503]
    assert not path.exists()
    (path.parent / "elsewhere").rename(path)
    assert [answer.status_code for answer in await receiving.post("after")] == [202]
    assert {"before", "after"} <= set(call_ids(receiving.journal))


async def test_file_that_was_moved_away_is_said_to_readers_and_writers(moved):
    receiving, _ = moved
    with pytest.raises(JournalError, match=r"journal\.sqlite: put it back.*file was deleted or moved away"):
        receiving.journal.read()
    with pytest.raises(JournalError, match="put it back"):
        await receiving.journal.append([notification("lost")], 1)


async def test_another_file_in_its_place_is_not_written_to(moved):
    receiving, path = moved
    open_journal(path).close()
    assert [answer.status_code for answer in await receiving.post("lost", "lost")] == [503, 503]
    with pytest.raises(JournalError, match="open this one anew"):
        receiving.journal.read()


async def test_deleted_write_ahead_log_costs_no_acknowledged_notification(tmp_path, receiver):
    path = tmp_path / "journal.sqlite"
    receiving = await receiver(path)
    await receiving.post("before")
    Path(f"{path}-wal").unlink()
    answers = await receiving.post("first", "second")
    assert [answer.status_code for answer in answers] == [503, 202]
    assert {"before", "second"} <= set(ids_seen_by_others(path))


def ids_seen_by_others(path):
    with sqlite3.connect(path) as connection:
        return [row[0] for row in connection.execute("SELECT call_id FROM notifications")]


async def test_working_directory_may_change(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    journal = open_journal("sqlite:///journal.sqlite")
    monkeypatch.chdir("/")
    await journal.append([notification("a")], 1)
    assert call_ids(journal) == ["a"]
    journal.close()


def test_read_only_folder(disk):
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    with pytest.raises(JournalError, match=r"journal\.sqlite: .*(make it|place where you may write)"):
        open_journal(disk / "journal.sqlite")


def write_many(path):
    journal = open_journal(path)
    journal.close()
    with sqlite3.connect(path) as connection:
        values = [(n, "x" * 2000) for n in range(500)]
        connection.executemany(
            "INSERT INTO notifications (received_at_us, call_id, entity, resource, change_type, raw)"
            " VALUES (?, 'a', 'call', '', '', ?)",
            values,
        )
    connection.close()


def test_damaged_file_is_said_when_it_is_read(tmp_path):
    path = tmp_path / "journal.sqlite"
    write_many(path)
    content = bytearray(path.read_bytes())
    content[8192:-8192] = os.urandom(len(content) - 16384)
    path.write_bytes(content)
    with pytest.raises(JournalError, match=r"journal\.sqlite: the file is damaged; restore a copy"):
        open_journal(path).read()


def test_file_that_was_cut_off_is_said(tmp_path):
    path = tmp_path / "journal.sqlite"
    write_many(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(JournalError, match="the file is damaged"):
        open_journal(path).read()


CANNOT_BE = [
    ("{}", "is a folder; name a file"),
    ("sqlite:///{}", "is a folder; name a file"),
    ("sqlite://", "memory keeps nothing"),
    ("sqlite:///:memory:", "memory keeps nothing"),
    ("mysql://host/db", "no database"),
]


@pytest.mark.parametrize(("where", "said"), CANNOT_BE)
def test_what_can_hold_no_journal_is_a_sentence(tmp_path, where, said):
    with pytest.raises(JournalError, match=said):
        open_journal(where.format(tmp_path))


SOMETHING_ELSE = {
    "another program's": "CREATE TABLE users (name)",
    "another about": "CREATE TABLE about (x)",
    "no number": "CREATE TABLE about (name, value); INSERT INTO about VALUES ('version', 'abc')",
}


@pytest.mark.parametrize("script", SOMETHING_ELSE.values(), ids=SOMETHING_ELSE)
def test_database_of_something_else_is_refused_and_left_alone(tmp_path, script):
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as connection:
        connection.executescript(script)
    connection.close()
    before = path.read_bytes()
    with pytest.raises(JournalError, match=r"other\.sqlite is no journal.*choose another path"):
        open_journal(path)
    assert path.read_bytes() == before


def test_trouble_is_logged_once_and_its_end_too(caplog):
    now = [0.0]
    complaints = WriteHealth("sqlite:///x", clock=lambda: now[0])
    for _ in range(2):
        complaints.trouble("the disk is full")
        complaints.trouble("the disk is full")
        complaints.well()
    now[0] = QUIET_SECONDS
    complaints.trouble("it may not be written to")
    again = "The journal sqlite:///x is written to again."
    assert caplog.messages == ["the disk is full", again, "it may not be written to"]


HIDDEN = [
    "postgresql://u:s3cret@127.0.0.1:1/x",
    "postgresql://127.0.0.1:1/x?user=u&password=s3cret",
    "postgresql://u:p@127.0.0.1:1/x?sslpassword=s3cret",
    "postgresql:/u:s3cret@127.0.0.1:1/x",
    "postgresql://u:s3cret@127.0.0.1:one/x",
]


@pytest.mark.parametrize("url", HIDDEN)
def test_password_is_in_no_error_wherever_it_stands_in_the_url(url):
    with pytest.raises(JournalError) as raised:
        open_journal(url)
    assert "s3cret" not in str(raised.getrepr(style="short"))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://u@no-such-host.invalid/x", "no such host"),
        ("postgresql://u@127.0.0.1:1/x?colour=red", "an option that there is not"),
        ("postgresql://u@127.0.0.1:1/x?connect_timeout=red", "has a wrong value"),
    ],
)
def test_wrong_url_of_a_server_is_said_with_its_remedy(url, said):
    with pytest.raises(JournalError, match=f"{said}.*correct the URL"):
        open_journal(url)
