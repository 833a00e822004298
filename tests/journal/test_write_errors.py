"""Full, read-only, locked and damaged files: a message for the user, 503 for the sender, no partial write.

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
from graphcall_nb.journal.errors import MIN_WARNING_INTERVAL_SECONDS, WriteHealth
from graphcall_nb.journal.journal import open_journal
from graphcall_nb.listener.app import Listener
from tests.listener.service import make_envelope

from .records import make_notification

JSON = {"content-type": "application/json"}


@pytest.fixture
def disk(tmp_path):
    """Mount a small disk."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("Only root may mount the small disk of this test.")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(folder: Path) -> Path:
    """Fill the disk and return the file that does."""
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
    def is_verified(self, authorization):
        return True


class Receiver:
    """A listener on a real socket that writes into a journal."""

    def __init__(self, journal):
        self.journal = journal
        self.listener = Listener(journal, Trusting(), path="/x")

    async def post(self, *call_ids):
        async with httpx.AsyncClient() as client:
            return [
                (await client.post(f"{self.url}/x", content=make_envelope(name), headers=JSON)) for name in call_ids
            ]


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
    return [record.call_id for record in journal.read()]


async def test_full_disk_gives_503_until_space_is_free(disk, receiver):
    receiving = await receiver(disk / "journal.sqlite")
    await receiving.post("before")
    filler = fill(disk)
    names = [f"full-{n}" for n in range(50)]
    refused = await receiving.post(*names)
    accepted = [name for name, answer in zip(names, refused, strict=True) if answer.status_code == 202]
    assert {answer.status_code for answer in refused[-10:]} == {503}
    assert refused[-1].headers["retry-after"] == "5"
    filler.unlink()
    assert [answer.status_code for answer in await receiving.post("after")] == [202]
    assert call_ids(receiving.journal) == ["before", *accepted, "after"]


async def test_error_of_a_full_disk_names_path_and_remedy(disk):
    journal = open_journal(disk / "journal.sqlite")
    fill(disk)
    with pytest.raises(JournalError, match=rf"{disk}/journal\.sqlite: the disk is full. Free some space"):
        await journal.append([make_notification("a", raw="x" * 5000)] * 1000, 1)
    assert journal.read() == []
    journal.close()


def test_new_journal_on_a_full_disk(disk):
    fill(disk)
    with pytest.raises(JournalError, match=rf"{disk}/journal\.sqlite: the disk (is full|cannot be)"):
        open_journal(disk / "journal.sqlite")


def test_export_to_a_full_disk_keeps_the_previous_file(disk):
    path = disk / "calls.csv"
    path.write_text("yesterday's")
    with pytest.raises(OSError, match=f"Cannot write {path}: No space left"):
        write_frame(pd.DataFrame({"text": ["x" * 1000] * 3000}), path)
    assert path.read_text() == "yesterday's"
    assert list(disk.iterdir()) == [path]


async def test_locked_file_gives_503_until_it_is_unlocked(tmp_path, receiver):
    path = tmp_path / "journal.sqlite"
    receiving = await receiver(f"sqlite:///{path}?timeout=0.2")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    assert [answer.status_code for answer in await receiving.post("held")] == [503]
    with pytest.raises(JournalError, match=r"journal\.sqlite.*another program has locked the file. Close that program"):
        await receiving.journal.append([make_notification("held")], 1)
    holder.execute("COMMIT")
    holder.close()
    assert [answer.status_code for answer in await receiving.post("free")] == [202]
    assert call_ids(receiving.journal) == ["free"]


async def test_locked_file_does_not_block_the_loop(tmp_path, receiver):
    path = tmp_path / "journal.sqlite"
    receiving = await receiver(f"sqlite:///{path}?timeout=20")
    await receiving.post("quick")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    began = asyncio.get_running_loop().time()
    waiting = asyncio.create_task(receiving.journal.append([make_notification("held")], 1))
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


async def test_moved_file_gives_503_until_it_is_back(moved):
    receiving, path = moved
    assert [answer.status_code for answer in await receiving.post("lost", "lost")] == [503, 503]
    assert not path.exists()
    (path.parent / "elsewhere").rename(path)
    assert [answer.status_code for answer in await receiving.post("after")] == [202]
    assert {"before", "after"} <= set(call_ids(receiving.journal))


async def test_moved_file_is_an_error_for_readers_and_writers(moved):
    receiving, _ = moved
    with pytest.raises(JournalError, match=r"journal\.sqlite: .*Put it back.*file was deleted or moved away"):
        receiving.journal.read()
    with pytest.raises(JournalError, match="Put it back"):
        await receiving.journal.append([make_notification("lost")], 1)


async def test_file_that_replaced_the_journal_is_not_written(moved):
    receiving, path = moved
    open_journal(path).close()
    assert [answer.status_code for answer in await receiving.post("lost", "lost")] == [503, 503]
    with pytest.raises(JournalError, match="open the journal again"):
        receiving.journal.read()


async def test_deleted_write_ahead_log_loses_no_acknowledged_notification(tmp_path, receiver):
    path = tmp_path / "journal.sqlite"
    receiving = await receiver(path)
    await receiving.post("before")
    Path(f"{path}-wal").unlink()
    answers = await receiving.post("first", "second")
    assert [answer.status_code for answer in answers] == [503, 202]
    assert {"before", "second"} <= set(read_call_ids(path))


def read_call_ids(path):
    with sqlite3.connect(path) as connection:
        return [row[0] for row in connection.execute("SELECT call_id FROM notifications")]


async def test_working_directory_may_change(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    journal = open_journal("sqlite:///journal.sqlite")
    monkeypatch.chdir("/")
    await journal.append([make_notification("a")], 1)
    assert call_ids(journal) == ["a"]
    journal.close()


def test_read_only_folder(disk):
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    with pytest.raises(JournalError, match=r"journal\.sqlite: .*(Create the folder|writable folder)"):
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


def test_damaged_file_is_an_error_on_reading(tmp_path):
    path = tmp_path / "journal.sqlite"
    write_many(path)
    content = bytearray(path.read_bytes())
    content[8192:-8192] = os.urandom(len(content) - 16384)
    path.write_bytes(content)
    with pytest.raises(JournalError, match=r"journal\.sqlite: the file is damaged. Restore a copy"):
        open_journal(path).read()


def test_truncated_file_is_an_error(tmp_path):
    path = tmp_path / "journal.sqlite"
    write_many(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(JournalError, match="the file is damaged"):
        open_journal(path).read()


INVALID_JOURNALS = [
    ("{}", "is a folder; name a file"),
    ("sqlite:///{}", "is a folder; name a file"),
    ("sqlite://", "must be a file"),
    ("sqlite:///:memory:", "must be a file"),
    ("mysql://host/db", "Unsupported database"),
]


@pytest.mark.parametrize(("where", "said"), INVALID_JOURNALS)
def test_invalid_journal_is_an_error(tmp_path, where, said):
    with pytest.raises(JournalError, match=said):
        open_journal(where.format(tmp_path))


FOREIGN_DATABASES = {
    "another program's": "CREATE TABLE users (name)",
    "another about": "CREATE TABLE about (x)",
    "no number": "CREATE TABLE about (name, value); INSERT INTO about VALUES ('version', 'abc')",
}


@pytest.mark.parametrize("script", FOREIGN_DATABASES.values(), ids=FOREIGN_DATABASES)
def test_foreign_database_is_refused_unchanged(tmp_path, script):
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as connection:
        connection.executescript(script)
    connection.close()
    before = path.read_bytes()
    with pytest.raises(JournalError, match=r"other\.sqlite is not a graphcall_nb journal; choose another path"):
        open_journal(path)
    assert path.read_bytes() == before


def test_failure_and_recovery_are_logged_once(caplog):
    now = [0.0]
    health = WriteHealth("sqlite:///x", clock=lambda: now[0])
    for _ in range(2):
        health.failed("the disk is full")
        health.failed("the disk is full")
        assert health.last_error == "the disk is full"
        health.recovered()
    assert health.last_error is None
    now[0] = MIN_WARNING_INTERVAL_SECONDS
    health.failed("the file is read-only")
    recovery = "The journal sqlite:///x can be written again."
    assert caplog.messages == ["the disk is full", recovery, "the file is read-only"]


URLS_WITH_PASSWORD = [
    "postgresql://u:s3cret@127.0.0.1:1/x",
    "postgresql://127.0.0.1:1/x?user=u&password=s3cret",
    "postgresql://u:p@127.0.0.1:1/x?sslpassword=s3cret",
    "postgresql:/u:s3cret@127.0.0.1:1/x",
    "postgresql://u:s3cret@127.0.0.1:one/x",
]


@pytest.mark.parametrize("url", URLS_WITH_PASSWORD)
def test_error_does_not_contain_the_password(url):
    with pytest.raises(JournalError) as raised:
        open_journal(url)
    assert "s3cret" not in str(raised.getrepr(style="short"))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://u@no-such-host.invalid/x", "the host is unknown"),
        ("postgresql://u@127.0.0.1:1/x?colour=red", "an unknown option"),
        ("postgresql://u@127.0.0.1:1/x?connect_timeout=red", "has an invalid value"),
    ],
)
def test_error_of_a_wrong_server_url_names_the_remedy(url, said):
    with pytest.raises(JournalError, match=f"{said}.*Correct the URL"):
        open_journal(url)
