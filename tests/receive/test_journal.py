import asyncio
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from graphcall_nb.errors import JournalError
from graphcall_nb.graph.notifications import Notification
from graphcall_nb.journal.journal import open_journal
from graphcall_nb.journal.records import RequestRecord
from graphcall_nb.journal.schema import NOTIFICATION_COLUMNS, REQUEST_COLUMNS
from graphcall_nb.journal.selection import Selection

from .rows import exchange, notification

JOURNALS = Path(__file__).parent / "journals"


@pytest.fixture
def journal(journal_url):
    opened = open_journal(journal_url)
    yield opened
    opened.close()


def call_ids_in_another_connection(url):
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            return connection.exec_driver_sql("SELECT call_id FROM notifications ORDER BY seq").scalars().all()
    finally:
        engine.dispose()


def execute(url, *statements):
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def test_columns_are_those_of_what_is_written():
    assert ("seq", "received_at_us", *Notification._fields) == NOTIFICATION_COLUMNS
    assert ("seq", *RequestRecord._fields) == REQUEST_COLUMNS


@pytest.mark.slow
async def test_what_was_appended_is_read_in_order(journal):
    await journal.append([notification("a"), notification("b")], 5)
    await journal.append([notification("c")], 6)
    assert [row[:3] for row in journal.read()] == [(1, 5, "a"), (2, 5, "b"), (3, 6, "c")]


async def test_raw_texts_come_in_the_order_asked_for(journal):
    await journal.append([notification(name, raw=f'"{name}"') for name in "abc"], 1)
    assert journal.raw_texts([3, 1, 3]) == ['"c"', '"a"', '"c"']


async def test_raw_texts_are_read_after_the_journal_was_closed(journal):
    await journal.append([notification("a", raw='"a"')], 1)
    read = journal.raw_texts
    journal.close()
    assert read([1]) == ['"a"']


async def test_a_temporary_journal_goes_with_the_last_who_reads_raw_texts_in_it():
    journal = open_journal()
    folder = Path(journal.address().removeprefix("sqlite:///")).parent
    read = journal.raw_texts
    journal.close()
    assert folder.exists()
    del read
    assert not folder.exists()


async def test_raw_texts_of_a_journal_that_is_gone(tmp_path):
    journal = open_journal(tmp_path / "calls.sqlite")
    read = journal.raw_texts
    journal.close()
    (tmp_path / "calls.sqlite").unlink()
    with pytest.raises(JournalError, match=r"is gone.*drop"):
        read([1])
    assert not (tmp_path / "calls.sqlite").exists()


async def test_raw_texts_of_numbers_that_the_journal_never_had(journal):
    with pytest.raises(JournalError, match="another one now"):
        journal.raw_texts([7])


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


async def test_acknowledged_means_in_the_database(journal, journal_url):
    await journal.append([notification("a")], 1)
    assert call_ids_in_another_connection(journal_url) == ["a"]


async def test_many_at_once_share_few_commits(journal):
    commits = []
    journal._wake = lambda: commits.append(1)
    await asyncio.gather(*(journal.append([notification(str(n))], n) for n in range(500)))
    assert len(journal.read()) == 500
    assert len(commits) < 20


async def test_journal_outlives_its_process(journal_url):
    first = open_journal(journal_url)
    await first.append([notification("a")], 1)
    first.close()
    second = open_journal(journal_url)
    await second.append([notification("b")], 2)
    assert [row[1:3] for row in second.read()] == [(1, "a"), (2, "b")]
    second.close()


async def test_a_path_is_a_url_too(tmp_path):
    open_journal(tmp_path / "kept.sqlite").close()
    journal = open_journal(f"sqlite:///{tmp_path / 'kept.sqlite'}")
    assert journal.read() == []
    journal.close()


@pytest.mark.slow
def test_many_may_open_a_new_journal_at_once(journal_url):
    code = f"from graphcall_nb.journal import open_journal; open_journal({journal_url!r}).close()"
    running = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(4)]
    assert [process.wait(60) for process in running] == [0] * 4


async def test_wait_wakes_on_news_of_this_process(journal):
    waiting = asyncio.create_task(journal.wait(0))
    await asyncio.sleep(0)
    await journal.append([notification("a")], 1)
    await asyncio.wait_for(waiting, 1)


APPENDING = """
import asyncio, sys
from graphcall_nb.journal import open_journal
from tests.receive.rows import notification
asyncio.run(open_journal(sys.argv[1]).append([notification("a")], 1))
"""


@pytest.mark.slow
async def test_wait_sees_news_of_another_process(journal, journal_url):
    waiting = asyncio.create_task(journal.wait(0))
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", APPENDING, journal_url)
    assert await other.wait() == 0
    await asyncio.wait_for(waiting, 5)


@pytest.mark.slow
def test_thread_sees_news_of_another_process(journal, journal_url):
    with subprocess.Popen([sys.executable, "-c", APPENDING, journal_url]):
        assert journal.wait_sync(0, timeout=60)


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


def test_journal_of_a_later_version_is_refused_and_left_alone(journal_url):
    open_journal(journal_url).close()
    execute(journal_url, "UPDATE about SET value = '99' WHERE name = 'version'")
    with pytest.raises(JournalError, match="newer"):
        open_journal(journal_url)


@pytest.mark.parametrize("version", [1])
async def test_journal_of_an_earlier_version_is_read_and_written(tmp_path, version):
    path = tmp_path / "earlier.sqlite"
    with sqlite3.connect(path) as earlier:
        earlier.executescript((JOURNALS / f"version_{version}.sql").read_text())
    for _ in range(2):  # the second time nothing is left to do
        journal = open_journal(path)
        await journal.append([notification("new")], 1)
        assert [row[2] for row in journal.read()][:2] == ["old", "new"]
        assert [row[4] for row in journal.read_requests()] == ["create"]
        journal.close()
    with sqlite3.connect(path) as migrated, sqlite3.connect(tmp_path / "fresh.sqlite") as fresh:
        open_journal(tmp_path / "fresh.sqlite").close()
        assert shape_of(migrated) == shape_of(fresh)


def shape_of(connection):
    return connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()


async def test_what_a_database_cannot_hold_does_not_stop_the_rest(journal):
    await journal.append([notification("a", tone="\0"), notification("b\0b", result_code=2**63 - 1)], 1)
    assert len(journal.read()) == 2


REFUSE_B = {
    "sqlite": [
        "CREATE TRIGGER no BEFORE INSERT ON notifications WHEN new.call_id = 'b'"
        " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE 'could not extend file: No space left on device' USING DETAIL = 'said in private'; END $$",
        "CREATE TRIGGER no BEFORE INSERT ON notifications FOR EACH ROW WHEN (new.call_id = 'b')"
        " EXECUTE FUNCTION refuse()",
    ],
}


async def test_failed_write_is_an_error_and_leaves_nothing_half_done(journal, journal_url):
    execute(journal_url, *REFUSE_B[journal_url.partition("+")[0].partition(":")[0]])
    with pytest.raises(JournalError, match="make room") as caught:
        await journal.append([notification("a"), notification("b")], 1)
    assert "private" not in str(caught.value)
    assert journal.read() == []
    await journal.append([notification("a")], 1)
    assert len(journal.read()) == 1


async def test_closed_journal_says_so(journal):
    journal.close()
    with pytest.raises(JournalError, match="closed"):
        journal.read()
    assert "closed" in repr(journal)


async def test_closed_journal_takes_nothing_and_nobody_waits(journal):
    journal.close()
    told = asyncio.get_running_loop().create_future()
    journal.append_then([notification("a")], 1, told.set_result)
    assert isinstance(await asyncio.wait_for(told, 30), JournalError)
    for appending in (journal.append([notification("a")], 1), journal.append_request(exchange())):
        with pytest.raises(JournalError, match="is closed; open it again"):
            await asyncio.wait_for(appending, 30)


async def test_journal_closed_during_a_commit_tells_all_who_wait(journal, journal_url):
    committing, go_on = threading.Event(), threading.Event()
    journal._wake = lambda: (committing.set(), go_on.wait(30))
    first = asyncio.create_task(journal.append([notification("a")], 1))
    await asyncio.to_thread(committing.wait, 30)
    second = asyncio.create_task(journal.append([notification("b")], 2))
    await asyncio.sleep(0)  # it is in the next batch now
    go_on.set()
    journal.close()
    told = await asyncio.wait_for(asyncio.gather(first, second, return_exceptions=True), 30)
    assert (told[0], type(told[1])) == (None, JournalError)
    assert call_ids_in_another_connection(journal_url) == ["a"]


@pytest.mark.slow
def test_kill_right_after_the_acknowledgement_loses_nothing(journal_url):
    code = APPENDING + "\nimport os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
    assert subprocess.run([sys.executable, "-c", code, journal_url]).returncode == -9
    assert call_ids_in_another_connection(journal_url) == ["a"]


async def test_selection_is_made_by_the_database(journal):
    rows = [notification("a", state="ringing"), notification("b", state="established"), notification("c")]
    for at, row in enumerate(rows):
        await journal.append([row], at)
    await journal.append([notification("a", state="established")], 9)

    def chosen(**by):
        return [row[2] for row in journal.read(selection=Selection.of(**by))]

    assert chosen(since_us=1) == ["b", "c", "a"]
    assert chosen(where={"state": "established"}) == ["b", "a"]
    assert chosen(where={"state": ["ringing", None]}) == ["a", "c"]
    assert chosen(where={"state": "established", "call_id": {"a"}}) == ["a"]
    whole = journal.read(selection=Selection.of(where={"state": "ringing"}), whole_calls=True, after=1)
    assert [row[6] for row in whole] == ["established"]


async def test_requests_of_selected_calls(journal):
    await journal.append_request(exchange(call_id="a"))
    await journal.append_request(exchange(call_id="b"))
    await journal.append([notification("b", state="ringing")], 1)
    assert [row[5] for row in journal.read_requests(selection=Selection.of(where={"state": "ringing"}))] == ["b"]


def test_selection_by_what_is_not_there_names_what_is():
    with pytest.raises(ValueError, match=r"'sate'.*state"):
        Selection.of(where={"sate": "ringing"})
