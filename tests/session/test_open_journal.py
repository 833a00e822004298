"""A journal that is read without a session: complete at once, read-only, following, and refused if it is none."""

import asyncio
import contextlib
import os
import sqlite3
import threading

import pandas as pd
import pytest

import graphcall_nb as gc
from graphcall_nb.errors import JournalError, ReadOnly
from graphcall_nb.journal.journal import open_journal
from graphcall_nb.session.open_journal import NullListener
from tests.journal.records import make_notification, make_request

STATES = ["establishing", "ringing", "terminated"]


async def append_call(journal, call_id="a"):
    for at, state in enumerate(STATES, 1):
        await journal.append([make_notification(call_id, state=state)], at * 1_000_000)


@pytest.fixture
def path(tmp_path):
    """Return the path of a journal with a call, which no process has open."""
    path = tmp_path / "calls.sqlite"
    with contextlib.closing(open_journal(path)) as journal:
        asyncio.run(append_call(journal))
        asyncio.run(journal.append_request(make_request(call_id="a", url="https://graph.microsoft.com/beta/app/calls")))
    return path


def test_everything_is_there_at_once(path):
    with gc.open_journal(path) as session:
        assert session.intervals()["state"].tolist() == STATES
        assert len(session.requests()) == 1
        assert session.call("a").state == "terminated"
        assert repr(session) == "<JournalSession Microsoft Graph: 1 call, 3 notifications, read-only>"


def test_short_id_of_several_calls_is_refused(path):
    with contextlib.closing(open_journal(path)) as journal:
        for call_id in ("11112222", "11113333"):
            asyncio.run(append_call(journal, call_id))
    with gc.open_journal(path) as session:
        assert session.call("…3333").id == "11113333"
        with pytest.raises(ValueError, match="is short for 2 calls: 11112222, 11113333"):
            session.call("1111")


def list_files(folder):
    return {entry.name: (entry.stat().st_mtime_ns, entry.stat().st_size) for entry in folder.iterdir()}


def test_reading_writes_nothing(path, tmp_path):
    before = list_files(tmp_path)
    with gc.open_journal(path) as session:
        session.calls()
        assert list_files(tmp_path) == before
    assert list_files(tmp_path) == before


def test_journal_in_a_folder_without_write_access_is_read(path):
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        with gc.open_journal(path) as session:
            assert len(session.notifications()) == 3
    finally:
        path.parent.chmod(0o700)


def test_journal_that_grows_is_followed(journal_url):
    """Before, during and after the work of a writer, which has a write-ahead log meanwhile."""
    open_journal(journal_url).close()
    with gc.open_journal(journal_url) as session:
        assert len(session.calls()) == 0
        with contextlib.closing(open_journal(journal_url)) as writer:
            asyncio.run(append_call(writer))
            assert session.calls()["state"].tolist() == ["terminated"]
            asyncio.run(append_call(writer, "b"))
            assert len(session.notifications()) == 6
            assert session.notifications()["raw"].tolist() == ["{}"] * 6
        assert len(session.calls()) == 2


def test_rows_of_a_writer_that_came_and_went_are_read(path):
    with gc.open_journal(path) as session:
        assert len(session.calls()) == 1
        with contextlib.closing(open_journal(path)) as writer:
            asyncio.run(append_call(writer, "b"))
        assert len(session.calls()) == 2
        assert session.call("b").state == "terminated"


def test_wait_for_a_state_that_another_process_writes(path):
    with contextlib.closing(open_journal(path)) as writer, gc.open_journal(path) as session:
        timer = threading.Timer(0.05, lambda: asyncio.run(append_call(writer, "b")))
        timer.start()
        session.call("b").wait_for("terminated", timeout=30)
        timer.join()


def test_nothing_can_be_written(journal_url):
    open_journal(journal_url).close()
    with contextlib.closing(open_journal(journal_url, read_only=True)) as journal:
        with pytest.raises(JournalError, match=r"read-only|open for reading alone"):
            asyncio.run(append_call(journal))
        assert journal.last_seq == 0


def test_nothing_is_sent(path):
    with gc.open_journal(path) as session:
        for send in (lambda: session.create_call(gc.templates.pstn()), session.call("a").refresh):
            with pytest.raises(ReadOnly, match=r"simulate\(\)"):
                send()
        assert isinstance(session.listener, NullListener)


def test_cockpit_has_no_form_and_no_actions(path):
    with gc.open_journal(path) as session:
        cockpit = session.cockpit()
        assert (cockpit.form, cockpit.actions, cockpit.status.opened) == (None, {}, [])
        assert repr(cockpit).startswith("<Cockpit Microsoft Graph, read-only: 1 call")
        assert "1 terminated" in session.timeline().describe()
        assert cockpit.act("a", "hang_up", {}) is None
        cockpit.close()


def test_saved_session_and_open_journal_are_read_likewise(path, tmp_path):
    with gc.open_journal(path) as session:
        saved = session.save(tmp_path / "saved.gcnb")
        with gc.open_journal(saved) as again, gc.open_journal(session.journal) as third:
            pd.testing.assert_frame_equal(again.calls(), session.calls())
            pd.testing.assert_frame_equal(third.calls(), session.calls())
        assert len(session.calls()) == 1, "the journal was closed with the other session"


def write_text(path):
    path.write_text("a,b\n" * 1000)


def write_other_tables(path):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE calls (id)")


def write_no_tables(path):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("VACUUM")


def write_newer(path):
    open_journal(path).close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE about SET value = '99' WHERE name = 'version'")
        connection.commit()


FOREIGN = [
    (lambda path: None, "does not exist"),
    (lambda path: path.touch(), "is empty"),
    (lambda path: path.mkdir(), "is a folder"),
    (lambda path: os.mkfifo(path), "does not exist"),
    (write_text, "is not a graphcall_nb journal"),
    (write_other_tables, "is not a graphcall_nb journal"),
    (write_no_tables, "is not a graphcall_nb journal"),
    (write_newer, "was written by a newer graphcall_nb"),
]


@pytest.mark.parametrize(("make", "words"), FOREIGN, ids=range(len(FOREIGN)))
@pytest.mark.parametrize("form", ["{}", "sqlite:///{}"])
def test_other_files_are_refused_unchanged(tmp_path, make, words, form):
    make(tmp_path / "x")
    before = list_files(tmp_path)
    with pytest.raises(JournalError, match=words) as caught:
        gc.open_journal(form.format(tmp_path / "x"))
    assert "\n" not in str(caught.value)
    assert list_files(tmp_path) == before


def test_database_without_a_journal_is_refused(postgres_url):
    with pytest.raises(JournalError, match="is not a graphcall_nb journal"):
        gc.open_journal(postgres_url)
