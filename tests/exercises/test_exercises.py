"""Each exercise reports what is wrong, does not reveal its solution, and can be solved."""

import time
from pathlib import Path

import pytest

import graphcall_nb as gc
from graphcall_nb.errors import Throttled


@pytest.fixture
def throttled():
    with gc.exercises.retry_throttled() as task:
        yield task


def create_call(task, *, wait=True):
    """Place a call; retry after the pause, or at once."""
    while True:
        try:
            return task.session.create_call(gc.templates.peer_to_peer())
        except Throttled as error:
            time.sleep(error.retry_after if wait else 0)


def test_close_deletes_the_journal():
    with gc.exercises.find_lost_notification(seed=1) as task:
        journal = Path(task.session.journal.url.removeprefix("sqlite:///"))
        assert journal.exists()
    assert not journal.exists()


@pytest.mark.slow
def test_retry_after_the_pause_solves_it(throttled):
    assert not throttled.check()
    create_call(throttled)
    call = create_call(throttled)
    call.wait_for("established", timeout=30)
    assert throttled.check(), throttled.check()


def test_early_retry_is_reported(throttled):
    create_call(throttled, wait=False)
    create_call(throttled, wait=False).wait_for("established", timeout=30)
    assert "after a 429" in throttled.check().message


def test_call_must_be_established(throttled):
    create_call(throttled)
    assert "wait for it" in throttled.check().message or throttled.check()


@pytest.fixture(scope="module")
def lost():
    with gc.exercises.find_lost_notification(seed=3) as task:
        yield task


def find_lost(task):
    """Return the call and the state that the frames show to be missing."""
    intervals = task.session.intervals()
    visited = intervals.groupby("call_id")["state"].agg(lambda states: set(map(str, states)))
    life = {"establishing", "ringing", "established", "terminating", "terminated"}
    return next((call_id, min(life - states)) for call_id, states in visited.items() if life - states)


def test_frames_show_the_lost_notification(lost):
    assert lost.check(*find_lost(lost))


def test_other_answers_are_wrong(lost):
    call_id, state = find_lost(lost)
    others = [other for other in lost.session.calls()["call_id"] if other != call_id]
    assert not any(lost.check(other, state) for other in others)
    assert not any(lost.check(call_id, other) for other in ("establishing", "hold"))


@pytest.mark.parametrize("answer", [(), ("x",), ("x", "ringing")])
def test_incomplete_answer_is_wrong(lost, answer):
    assert not lost.check(*answer)


def test_repr_and_task_do_not_reveal_it(lost):
    call_id, _ = find_lost(lost)
    assert call_id not in repr(lost) + lost._repr_html_() + lost.task


@pytest.mark.slow
def test_keep_alive_solves_it():
    with gc.exercises.keep_alive() as task:
        assert not task.check()
        call = task.session.create_call(gc.templates.peer_to_peer())
        call.wait_for("established", timeout=30)
        assert "minutes" in task.check().message
        while not task.check():
            call.keep_alive()
            time.sleep(0.5)


@pytest.mark.slow
def test_call_without_keep_alive_ends_with_a_hint():
    with gc.exercises.keep_alive() as task:
        call = task.session.create_call(gc.templates.peer_to_peer())
        call.wait_for("terminated", timeout=60)
        assert "result" in task.check().message


def solve_failure(task):
    calls = task.session.calls()
    [code] = calls.loc[calls["result_code"] >= 400, "result_code"].unique()
    return calls.loc[calls["result_code"] == code, "call_id"].iloc[-1], code


def solve_notification(task):
    return (task.task.rpartition("/app/calls/")[2].partition('"')[0].partition("/")[0],)


def find_row(column, value=None):
    def solve(task):
        calls = task.session.calls()
        chosen = calls[calls[column] == value] if value is not None else calls.nlargest(1, column)
        return (chosen["subject"].iloc[0],)

    return solve


SOLUTIONS = {
    "read_notification": solve_notification,
    "find_declined_call": find_row("result", "The callee declined the call"),
    "find_longest_talk": find_row("talk_time"),
    "find_duplicate": find_row("duplicates"),
    "find_failure": solve_failure,
}


@pytest.mark.parametrize("name", SOLUTIONS)
def test_a_call_is_found_by_subject_or_id_or_handle(name):
    with getattr(gc.exercises, name)(seed=4) as task:
        call, *code = SOLUTIONS[name](task)
        assert not task.check("Holidays", *code)
        assert not task.check()
        assert task.check(call, *code), (task.check(call, *code), task.session.calls())
        calls = task.session.calls()
        [call_id] = calls.loc[(calls["subject"] == call) | (calls["call_id"] == call), "call_id"]
        assert task.check(task.session.call(call_id), *code)
        assert task.check(f"…{call_id[-8:]}", *code)
