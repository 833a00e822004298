"""Writing, reading, waiting and closing, with SQLite and with PostgreSQL."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from graphcall_nb.errors import JournalError
from graphcall_nb.journal import database
from graphcall_nb.journal.journal import open_journal
from graphcall_nb.journal.records import NotificationRecord, RequestRecord
from graphcall_nb.journal.selection import make_selection

from .records import make_notification, make_request

SCHEMAS = Path(__file__).parent / "schemas"
"""Journals of earlier versions, as SQL."""


@pytest.fixture
def journal(journal_url):
    opened = open_journal(journal_url)
    yield opened
    opened.close()


def read_call_ids(url):
    """Return the call ids in another connection."""
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


def test_records_have_the_columns_of_the_tables():
    assert list(NotificationRecord._fields) == database.notifications.columns.keys()
    assert list(RequestRecord._fields) == database.requests.columns.keys()


async def test_notifications_are_read_in_the_order_of_appending(journal):
    await journal.append([make_notification("a"), make_notification("b")], 5)
    await journal.append([make_notification("c")], 6)
    records = journal.read()
    assert {type(record) for record in records} == {NotificationRecord}
    expected = [(1, 5, "a"), (2, 5, "b"), (3, 6, "c")]
    assert [(record.seq, record.received_at_us, record.call_id) for record in records] == expected


async def test_payloads_come_in_the_requested_order(journal):
    await journal.append([make_notification(name, raw=f'"{name}"') for name in "abc"], 1)
    assert journal.payloads([3, 1, 3]) == ['"c"', '"a"', '"c"']


async def test_payloads_are_read_after_close(journal):
    await journal.append([make_notification("a", raw='"a"')], 1)
    read = journal.payloads
    journal.close()
    assert read([1]) == ['"a"']


async def test_a_temporary_journal_is_deleted_with_its_last_payload_reader():
    journal = open_journal()
    folder = Path(journal.url_with_password.removeprefix("sqlite:///")).parent
    read = journal.payloads
    journal.close()
    assert folder.exists()
    del read
    assert not folder.exists()


async def test_payloads_of_a_deleted_journal(tmp_path):
    journal = open_journal(tmp_path / "calls.sqlite")
    read = journal.payloads
    journal.close()
    (tmp_path / "calls.sqlite").unlink()
    with pytest.raises(JournalError, match=r"was deleted.*drop"):
        read([1])
    assert not (tmp_path / "calls.sqlite").exists()


async def test_payloads_of_unknown_numbers(journal):
    with pytest.raises(JournalError, match="replaced by another"):
        journal.payloads([7])


async def test_reading_after_a_cursor(journal):
    await journal.append([make_notification(name) for name in "abc"], 1)
    assert [record.seq for record in journal.read(after=1)] == [2, 3]
    assert [record.seq for record in journal.read(after=0, limit=2)] == [1, 2]


async def test_values_come_back_unchanged(journal):
    written = make_notification("ü😀", result_code=-1, raw='{"x":"\\u0000"}')
    await journal.append([written], 1)
    assert journal.read()[0].to_notification() == written


async def test_requests_are_stored_apart(journal):
    await journal.append_request(make_request())
    assert journal.read() == []
    assert journal.read_requests() == [make_request(seq=1)]


async def test_appended_means_committed(journal, journal_url):
    await journal.append([make_notification("a")], 1)
    assert read_call_ids(journal_url) == ["a"]


async def test_simultaneous_appends_share_commits(journal):
    commits = []
    with journal.watch_commits(lambda: commits.append(1)):
        await asyncio.gather(*(journal.append([make_notification(str(n))], n) for n in range(500)))
    assert len(journal.read()) == 500
    assert len(commits) < 20


async def test_journal_outlives_its_process(journal_url):
    first = open_journal(journal_url)
    await first.append([make_notification("a")], 1)
    first.close()
    second = open_journal(journal_url)
    await second.append([make_notification("b")], 2)
    assert [(record.received_at_us, record.call_id) for record in second.read()] == [(1, "a"), (2, "b")]
    second.close()


async def test_path_and_url_open_the_same_journal(tmp_path):
    open_journal(tmp_path / "kept.sqlite").close()
    journal = open_journal(f"sqlite:///{tmp_path / 'kept.sqlite'}")
    assert journal.read() == []
    journal.close()


@pytest.mark.slow
def test_several_processes_may_open_a_new_journal_at_once(journal_url):
    code = f"from graphcall_nb.journal.journal import open_journal; open_journal({journal_url!r}).close()"
    running = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(4)]
    assert [process.wait(60) for process in running] == [0] * 4


async def test_wait_ends_after_a_commit_of_this_process(journal):
    waiting = asyncio.create_task(journal.wait(0))
    await asyncio.sleep(0)
    await journal.append([make_notification("a")], 1)
    await asyncio.wait_for(waiting, 1)


APPENDING = """
import asyncio, sys
from graphcall_nb.journal.journal import open_journal
from tests.journal.records import make_notification
asyncio.run(open_journal(sys.argv[1]).append([make_notification("a")], 1))
"""


@pytest.mark.slow
async def test_wait_ends_after_a_commit_of_another_process(journal, journal_url):
    waiting = asyncio.create_task(journal.wait(0))
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", APPENDING, journal_url)
    assert await other.wait() == 0
    await asyncio.wait_for(waiting, 5)


@pytest.mark.slow
def test_wait_sync_ends_after_a_commit_of_another_process(journal, journal_url):
    with subprocess.Popen([sys.executable, "-c", APPENDING, journal_url]):
        assert journal.wait_sync(0, timeout=60)


def test_wait_sync(journal):
    assert not journal.wait_sync(0, timeout=0)
    thread = threading.Thread(target=lambda: asyncio.run(journal.append([make_notification("a")], 1)))
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
        (
            lambda folder: write_file(folder / "text.sqlite", b"this is no database at all" * 100),
            "not a graphcall_nb journal",
        ),
        (lambda folder: "nonsense://", "Unsupported database"),
        (lambda folder: "sqlite://user:hunter2@x:y/z", "database"),
    ],
)
def test_error_of_opening_names_the_reason(tmp_path, make, word):
    with pytest.raises(JournalError, match=word) as caught:
        open_journal(make(tmp_path))
    assert "hunter2" not in str(caught.value)


def write_file(path, content):
    path.write_bytes(content)
    return path


def test_journal_of_a_later_version_is_refused_unchanged(journal_url):
    open_journal(journal_url).close()
    execute(journal_url, "UPDATE about SET value = '99' WHERE name = 'version'")
    with pytest.raises(JournalError, match="newer"):
        open_journal(journal_url)


@pytest.mark.parametrize("version", [1])
async def test_journal_of_an_earlier_version_is_migrated(tmp_path, version):
    path = tmp_path / "earlier.sqlite"
    with sqlite3.connect(path) as earlier:
        earlier.executescript((SCHEMAS / f"version_{version}.sql").read_text())
    for _ in range(2):  # the second time there is nothing to migrate
        journal = open_journal(path)
        await journal.append([make_notification("new")], 1)
        assert [record.call_id for record in journal.read()][:2] == ["old", "new"]
        assert [request.operation for request in journal.read_requests()] == ["create"]
        journal.close()
    with sqlite3.connect(path) as migrated, sqlite3.connect(tmp_path / "fresh.sqlite") as fresh:
        open_journal(tmp_path / "fresh.sqlite").close()
        assert read_schema(migrated) == read_schema(fresh)


def read_schema(connection):
    return connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()


async def test_values_that_a_database_cannot_store_do_not_stop_the_rest(journal):
    await journal.append([make_notification("a", tone="\0"), make_notification("b\0b", result_code=2**63 - 1)], 1)
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


async def test_failed_write_stores_nothing(journal, journal_url):
    execute(journal_url, *REFUSE_B[journal_url.partition("+")[0].partition(":")[0]])
    with pytest.raises(JournalError, match="Free some space") as caught:
        await journal.append([make_notification("a"), make_notification("b")], 1)
    assert "private" not in str(caught.value)
    assert journal.read() == []
    await journal.append([make_notification("a")], 1)
    assert len(journal.read()) == 1


async def test_closed_journal_raises_on_reading(journal):
    journal.close()
    with pytest.raises(JournalError, match="closed"):
        journal.read()
    assert "closed" in repr(journal)


async def test_closed_journal_refuses_writes(journal):
    journal.close()
    error = asyncio.get_running_loop().create_future()
    journal.append_with_callback([make_notification("a")], 1, error.set_result)
    assert isinstance(await asyncio.wait_for(error, 30), JournalError)
    for appending in (journal.append([make_notification("a")], 1), journal.append_request(make_request())):
        with pytest.raises(JournalError, match="is closed; open it again"):
            await asyncio.wait_for(appending, 30)


async def test_close_during_a_commit_ends_every_wait(journal, journal_url):
    is_committing, go_on = threading.Event(), threading.Event()
    with journal.watch_commits(lambda: (is_committing.set(), go_on.wait(30))):
        first = asyncio.create_task(journal.append([make_notification("a")], 1))
        await asyncio.to_thread(is_committing.wait, 30)
        second = asyncio.create_task(journal.append([make_notification("b")], 2))
        await asyncio.sleep(0)  # now it is in the next batch
        go_on.set()
        journal.close()
    results = await asyncio.wait_for(asyncio.gather(first, second, return_exceptions=True), 30)
    assert (results[0], type(results[1])) == (None, JournalError)
    assert read_call_ids(journal_url) == ["a"]


@pytest.mark.slow
def test_kill_right_after_a_commit_loses_nothing(journal_url):
    code = APPENDING + "\nimport os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
    assert subprocess.run([sys.executable, "-c", code, journal_url]).returncode == -9
    assert read_call_ids(journal_url) == ["a"]


async def test_selection(journal):
    rows = [
        make_notification("a", state="ringing"),
        make_notification("b", state="established"),
        make_notification("c"),
    ]
    for at, row in enumerate(rows):
        await journal.append([row], at)
    await journal.append([make_notification("a", state="established")], 9)

    def select(**by):
        return [record.call_id for record in journal.read(selection=make_selection(**by))]

    assert select(since_us=1) == ["b", "c", "a"]
    assert select(where={"state": "established"}) == ["b", "a"]
    assert select(where={"state": ["ringing", None]}) == ["a", "c"]
    assert select(where={"state": "established", "call_id": {"a"}}) == ["a"]
    whole = journal.read(selection=make_selection(where={"state": "ringing"}), whole_calls=True, after=1)
    assert [record.state for record in whole] == ["established"]


async def test_requests_of_selected_calls(journal):
    await journal.append_request(make_request(call_id="a"))
    await journal.append_request(make_request(call_id="b"))
    await journal.append([make_notification("b", state="ringing")], 1)
    requests = journal.read_requests(selection=make_selection(where={"state": "ringing"}))
    assert [request.call_id for request in requests] == ["b"]


def test_unknown_column_in_a_selection_lists_the_columns():
    with pytest.raises(ValueError, match=r"'sate'.*state"):
        make_selection(where={"sate": "ringing"})


def test_files_are_for_their_owner_alone(tmp_path):
    journal = open_journal(tmp_path / "x.sqlite")
    journal.restore([(1, 1, "a", "call", "", "", *[None] * 9, "{}")], [])
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    journal.close()
