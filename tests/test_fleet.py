"""Realistic calls in a journal, generated in virtual time."""

from datetime import UTC, datetime, timedelta

import pytest

import graphcall_nb as gc
from graphcall_nb.fleet import MIX, simulate_fleet
from graphcall_nb.journal.journal import open_journal

TALKING = ["answered", "callee_hangs_up", "voicemail", "dropped_media"]
"""Scenarios in which a call is answered."""

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def read(path):
    journal = open_journal(path)
    rows = journal.read(), journal.read_requests()
    journal.close()
    return rows


def test_frames_show_the_truth(journal_url):
    fleet = simulate_fleet(150, journal_url, start=START, over="8h")
    with gc.open_journal(journal_url) as session:
        calls, notifications, participants = session.calls(), session.notifications(), session.participants()
        assert len(session.requests()) == fleet.requests
    assert (len(calls), len(notifications)) == (150, fleet.notifications)
    assert set(calls["state"]) == {"terminated"}
    assert len(participants) > 0
    assert calls["created_at"].between(START, START + timedelta(hours=8, minutes=1)).all()
    peers = calls[calls["kind"] == "peerToPeer"]  # a bot also talks alone in a group call that is declined
    scenarios = peers["call_id"].map(fleet.scenarios)
    assert (peers["talk_time"].notna() == scenarios.isin(TALKING)).all()
    assert set(peers.loc[scenarios == "busy", "result_code"]) == {486}


def test_same_seed_makes_the_same_rows(tmp_path):
    for name in ("a", "b"):
        simulate_fleet(20, tmp_path / name, start=START, seed=5)
    simulate_fleet(20, tmp_path / "c", start=START, seed=6)
    assert read(tmp_path / "a") == read(tmp_path / "b") != read(tmp_path / "c")


def test_second_fleet_in_a_journal_has_other_calls(tmp_path):
    first, second = (simulate_fleet(10, tmp_path / "calls.sqlite", start=START) for _ in range(2))
    assert first.scenarios.keys().isdisjoint(second.scenarios)


def test_journal_notes_its_origin(tmp_path):
    simulate_fleet(1, tmp_path / "calls.sqlite", start=START, version="v1.0")
    with gc.open_journal(tmp_path / "calls.sqlite") as session:
        origin = session.journal.origin
    assert (origin.service, origin.version, origin.began_at) == ("simulated", "v1.0", START)
    assert origin.package_version


def test_rows_are_in_the_order_of_arrival(tmp_path):
    simulate_fleet(40, tmp_path / "calls.sqlite", over=timedelta(minutes=5), faults={"late": 0.5})
    times = [record.received_at_us for record in read(tmp_path / "calls.sqlite")[0]]
    assert times == sorted(times)


def test_faults_have_their_shares(tmp_path):
    every = simulate_fleet(20, tmp_path / "every.sqlite", faults={"duplicate": 1})
    none = simulate_fleet(20, tmp_path / "none.sqlite", faults={})
    assert every.notifications == 2 * every.duplicates > 0
    assert (none.duplicates, none.late) == (0, 0)


@pytest.mark.parametrize("version", ["v1.0", "beta", "beta-2018"])
@pytest.mark.parametrize("scenario", MIX)
def test_every_scenario_ends_in_every_version(tmp_path, version, scenario):
    simulate_fleet(6, tmp_path / "calls.sqlite", mix={scenario: 1}, version=version, faults={})
    with gc.open_journal(tmp_path / "calls.sqlite") as session:
        assert session.calls()["state"].tolist() == ["terminated"] * 6


def test_progress_is_reported(tmp_path):
    counts = []
    simulate_fleet(30, tmp_path / "calls.sqlite", on_progress=lambda fleet: counts.append(fleet.calls))
    assert counts == [30]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"count": -1}, "count"),
        ({"count": "many"}, "count"),
        ({"over": "eight hours"}, "over"),
        ({"over": 0}, "over"),
        ({"over": float("nan")}, "over"),
        ({"start": "noon"}, "noon"),
        ({"faults": {"duplicates": 0.1}}, "duplicate"),
        ({"faults": {"late": 2}}, "late"),
        ({"mix": {"anwsered": 1}}, "answered"),
        ({"mix": {"answered": 0}}, "mix"),
        ({"version": "v2"}, "v2"),
    ],
)
def test_bad_argument_is_named(tmp_path, arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        simulate_fleet(**{"count": 1, "journal": tmp_path / "calls.sqlite"} | arguments)
    assert not (tmp_path / "calls.sqlite").exists()
