"""The origin of a journal: noted by its first session, found in older ones, and kept by saved sessions."""

import asyncio
import contextlib
import sqlite3
from datetime import UTC, datetime

import pytest

import graphcall_nb as gc
from graphcall_nb.errors import JournalError
from graphcall_nb.journal.journal import open_journal
from graphcall_nb.journal.origin import Origin
from tests.journal.records import make_request
from tests.journal.test_journal import SCHEMAS

LOCAL = "http://127.0.0.1:8710/beta/app/calls"
MICROSOFT = "https://graph.microsoft.com/v1.0/communications/calls"
BEGAN = datetime(2026, 11, 28, tzinfo=UTC)
ORIGIN = Origin("microsoft", "a-tenant", "v1.0", "0.1.0", BEGAN)


@pytest.fixture
def journal(journal_url):
    with contextlib.closing(open_journal(journal_url)) as made:
        yield made


def add_requests(journal, *urls):
    for url in urls:
        asyncio.run(journal.append_request(make_request(url=url, call_id="a")))


def test_first_claim_stays(journal):
    assert journal.origin == Origin()
    journal.claim(ORIGIN)
    journal.claim(Origin("microsoft", "another", "beta", "9", BEGAN))
    assert journal.origin == ORIGIN


@pytest.mark.parametrize(
    ("urls", "service"),
    [
        ([], None),
        (["https://class.example/v1.0/x"], None),
        ([LOCAL, "http://localhost:1/x", "http://[::1]:1/x"], "simulated"),
        ([MICROSOFT, "https://dod-graph.microsoft.us/v1.0/x"], "microsoft"),
        ([LOCAL, MICROSOFT], "mixed"),
        (["https://127.0.0.1.example/x", "https://graph.microsoft.com.example/x"], None),
    ],
)
def test_requests_name_the_service_of_an_unclaimed_journal(urls, service):
    with contextlib.closing(open_journal()) as journal:
        add_requests(journal, *urls)
        assert journal.origin.service == service


@pytest.mark.parametrize(
    ("urls", "session", "words"),
    [
        ([LOCAL], "microsoft", "holds simulated calls, and this session makes calls of Microsoft Graph; choose"),
        ([MICROSOFT], "simulated", "holds calls of Microsoft Graph, and this session makes simulated calls; choose"),
        ([LOCAL, MICROSOFT], "simulated", "holds simulated calls together with calls of Microsoft Graph"),
        ([LOCAL, MICROSOFT], "microsoft", "holds simulated calls together with calls of Microsoft Graph"),
    ],
)
def test_session_of_another_service_is_refused(urls, session, words):
    with contextlib.closing(open_journal()) as journal:
        add_requests(journal, *urls)
        with pytest.raises(JournalError, match=words):
            journal.claim(Origin(session))


@pytest.mark.parametrize("kind", ["archive", "journal"])
def test_origin_is_kept(tmp_path, kind):
    path = tmp_path / "calls.sqlite"
    with contextlib.closing(open_journal(path)) as journal:
        journal.claim(ORIGIN)
    with gc.open_journal(path) as session:
        source = session.save(tmp_path / "x.gcnb") if kind == "archive" else path
    with gc.open_journal(source) as session:
        assert session.journal.origin == ORIGIN
        assert (session.version.name, session.simulated) == ("v1.0", False)


def test_masked_file_has_no_tenant(tmp_path):
    with contextlib.closing(open_journal()) as journal:
        journal.claim(ORIGIN)
        with gc.open_journal(journal) as session:
            saved = session.save(tmp_path / "x.gcnb", mask=True)
    with gc.open_journal(saved) as session:
        assert session.journal.origin.tenant_id is None


def test_mixed_journal_is_named_as_such():
    with contextlib.closing(open_journal()) as journal:
        add_requests(journal, LOCAL, MICROSOFT)
        with gc.open_journal(journal) as session:
            assert "SIMULATED and Microsoft Graph mixed" in repr(session)
            assert session.simulated


def test_older_journal_is_brought_up_to_date(tmp_path):
    path = tmp_path / "earlier.sqlite"
    with sqlite3.connect(path) as earlier:
        earlier.executescript((SCHEMAS / "version_1.sql").read_text())
        earlier.execute("UPDATE requests SET url = ?", [MICROSOFT])
    with gc.open_journal(path) as session:
        assert session.journal.origin == Origin("microsoft")
    open_journal(path).close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        about = dict(connection.execute("SELECT name, value FROM about"))
    assert (about["version"], about["service"]) == ("3", "microsoft")
    assert datetime.fromisoformat(about["began_at"]).year == 1970


@pytest.mark.parametrize("name", ["service", "api_version", "began_at"])
def test_invalid_values_are_left_out(tmp_path, name):
    path = tmp_path / "calls.sqlite"
    open_journal(path).close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO about VALUES (?, 'x')", [name])
        connection.commit()
    with gc.open_journal(path) as session:
        assert session.journal.origin == Origin()


def test_sessions_of_both_kinds_do_not_share_a_journal(tmp_path):
    path = tmp_path / "calls.sqlite"
    with contextlib.closing(open_journal(path)) as journal:
        journal.claim(ORIGIN)
    with pytest.raises(JournalError, match="holds calls of Microsoft Graph"):
        gc.simulate(journal=path)


def test_seeded_session_continues_with_new_ids(tmp_path):
    ids = []
    for _ in range(3):
        with gc.simulate(journal=tmp_path / "x.sqlite", seed=1, virtual_time=True) as session:
            call = session.create_call(gc.templates.pstn())
            assert call.state != "terminated"
            session.simulator.advance(60)
            call.hang_up()
            session.simulator.advance(60)
            ids.append(call.id)
            assert len(session.calls()) == len(ids)
    assert len(set(ids)) == 3


def test_new_journal_notes_its_session(tmp_path):
    with gc.simulate(version="v1.0", journal=tmp_path / "x.sqlite") as session:
        origin = session.journal.origin
        assert (origin.service, origin.version) == ("simulated", "v1.0")
        assert origin.tenant_id
        assert origin.package_version
        assert abs((datetime.now(UTC) - origin.began_at).total_seconds()) < 3600
