import asyncio
import sqlite3
import subprocess
import sys
import threading

import pytest

from graphcall_nb.dialects import Notification
from graphcall_nb.errors import JournalError
from graphcall_nb.journal import NOTIFICATION_COLUMNS, REQUEST_COLUMNS, open_journal
from graphcall_nb.wire import Exchange

from .rows import exchange, notification


@pytest.fixture
def journal(tmp_path):
    opened = open_journal(tmp_path / "journal.sqlite")
    yield opened
    opened.close()


def test_columns_are_those_of_what_is_written():
    assert ("seq", "received_at_us", *Notification._fields) == NOTIFICATION_COLUMNS
    assert ("seq", *Exchange._fields) == REQUEST_COLUMNS


async def test_what_was_appended_is_read_in_order(journal):
    await journal.append([notification("a"), notification("b")], 5)
    await journal.append([notification("c")], 6)
    assert [row[:3] for row in journal.read()] == [(1, 5, "a"), (2, 5, "b"), (3, 6, "c")]


async def test_reading_after_a_cursor(journal):
    await journal.append([notification(name) for name in "abc"], 1)
    assert [row[0] for row in journal.read(after=1)] == [2, 3]
    assert [row[0] for row in journal.read(after=0, limit=2)] == [1, 2]


async def test_rows_come_back_as_they_went_in(journal):
    written = notification("ü😀", result_code=-1, raw='{"x":"\\u0000"}')
    await journal.append([written], 1)
    assert journal.read()[0][2:] == tuple(written)


async def test_requests_are_kept_apart(journal):
    await journal.append_request(exchange())
    assert journal.read() == []
    assert journal.read_requests()[0][1:] == tuple(exchange())


async def test_acknowledged_means_in_the_file(journal, tmp_path):
    await journal.append([notification("a")], 1)
    with sqlite3.connect(tmp_path / "journal.sqlite") as other:
        assert other.execute("SELECT call_id FROM notifications").fetchall() == [("a",)]


async def test_many_at_once_share_few_commits(journal):
    commits = []
    journal._wake = lambda: commits.append(1)
    await asyncio.gather(*(journal.append([notification(str(n))], n) for n in range(500)))
    assert len(journal.read()) == 500
    assert len(commits) < 20


async def test_journal_outlives_its_process(tmp_path):
    path = tmp_path / "kept.sqlite"
    first = open_journal(path)
    await first.append([notification("a")], 1)
    first.close()
    second = open_journal(f"sqlite:///{path}")
    await second.append([notification("b")], 2)
    assert [row[:3] for row in second.read()] == [(1, 1, "a"), (2, 2, "b")]
    second.close()


async def test_wait_wakes_on_news_of_this_process(journal):
    waiting = asyncio.create_task(journal.wait(0))
    await asyncio.sleep(0)
    await journal.append([notification("a")], 1)
    await asyncio.wait_for(waiting, 1)


async def test_wait_sees_news_of_another_process(journal, tmp_path):
    waiting = asyncio.create_task(journal.wait(0))
    code = f"""
import asyncio
from graphcall_nb.journal import open_journal
from tests.receive.rows import notification
asyncio.run(open_journal({str(tmp_path / "journal.sqlite")!r}).append([notification("a")], 1))
"""
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    assert await other.wait() == 0
    await asyncio.wait_for(waiting, 5)


def test_wait_of_a_thread(journal):
    assert not journal.wait_sync(0, timeout=0)
    thread = threading.Thread(target=lambda: asyncio.run(journal.append([notification("a")], 1)))
    thread.start()
    assert journal.wait_sync(0, timeout=10)
    thread.join()


def test_temporary_journal_is_deleted():
    journal = open_journal()
    path = journal.url.removeprefix("sqlite:///")
    sqlite3.connect(path).close()
    journal.close()
    with pytest.raises(sqlite3.OperationalError):
        sqlite3.connect(f"file:{path}?mode=ro", uri=True)


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda folder: folder / "missing" / "x.sqlite", "folder"),
        (lambda folder: _written(folder / "text.sqlite", b"this is no database at all" * 100), "something else"),
        (lambda folder: "nonsense://", "database"),
        (lambda folder: "sqlite://user:hunter2@x:y/z", "database"),
    ],
)
def test_journal_that_cannot_be_opened_says_why(tmp_path, make, word):
    with pytest.raises(JournalError, match=word) as caught:
        open_journal(make(tmp_path))
    assert "hunter2" not in str(caught.value)


def _written(path, content):
    path.write_bytes(content)
    return path


def test_journal_of_a_later_version_is_refused(tmp_path):
    path = tmp_path / "later.sqlite"
    open_journal(path).close()
    with sqlite3.connect(path) as other:
        other.execute("UPDATE about SET value = '99' WHERE name = 'version'")
    with pytest.raises(JournalError, match="newer"):
        open_journal(path)


async def test_failed_write_is_an_error_and_leaves_nothing_half_done(journal, tmp_path):
    with sqlite3.connect(tmp_path / "journal.sqlite") as other:
        other.execute("CREATE TRIGGER no BEFORE INSERT ON notifications WHEN new.call_id = 'b'"
                      " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END")  # fmt: skip
    with pytest.raises(JournalError, match="make room"):
        await journal.append([notification("a"), notification("b")], 1)
    assert journal.read() == []


async def test_closed_journal_says_so(journal):
    journal.close()
    with pytest.raises(JournalError, match="closed"):
        journal.read()
    assert "closed" in repr(journal)


def test_kill_right_after_the_acknowledgement_loses_nothing(tmp_path):
    path = tmp_path / "killed.sqlite"
    code = f"""
import asyncio, os, signal
from graphcall_nb.journal import open_journal
from tests.receive.rows import notification
async def main():
    await open_journal({str(path)!r}).append([notification("a")], 1)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
    assert subprocess.run([sys.executable, "-c", code]).returncode == -9
    journal = open_journal(path)
    assert [row[2] for row in journal.read()] == ["a"]
    journal.close()
