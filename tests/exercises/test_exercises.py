"""Each exercise says what is wrong, does not give itself away, and can be solved."""

import time
from pathlib import Path

import pytest

import graphcall_nb as gc
from graphcall_nb.errors import Throttled


@pytest.fixture
def busy():
    with gc.exercises.send_again() as task:
        yield task


def placed(task, *, wait=True):
    """As the exercise wants it, or in haste."""
    while True:
        try:
            return task.session.create_call(gc.templates.peer_to_peer())
        except Throttled as refused:
            time.sleep(refused.retry_after if wait else 0)


def test_closed_exercise_takes_its_journal_with_it():
    with gc.exercises.find_the_lost(seed=1) as task:
        journal = Path(task.session.journal.url.removeprefix("sqlite:///"))
        assert journal.exists()
    assert not journal.exists()


@pytest.mark.slow
def test_who_waits_as_asked_has_solved_it(busy):
    assert not busy.check()
    placed(busy)
    call = placed(busy)
    call.wait_for("established", timeout=30)
    assert busy.check(), busy.check()


def test_who_asks_too_early_is_told(busy):
    placed(busy, wait=False)
    placed(busy, wait=False).wait_for("established", timeout=30)
    assert "after a 429" in busy.check().words


def test_a_call_that_is_not_established_is_not_enough(busy):
    placed(busy)
    assert "wait for it" in busy.check().words or busy.check()


@pytest.fixture(scope="module")
def lost():
    with gc.exercises.find_the_lost(seed=3) as task:
        yield task


def culprit(task):
    """What somebody finds who looks."""
    stays = task.session.intervals()
    told = stays.groupby("call_id")["state"].agg(lambda states: set(map(str, states)))
    life = {"establishing", "ringing", "established", "terminating", "terminated"}
    return next((call_id, min(life - states)) for call_id, states in told.items() if life - states)


def test_the_lost_one_is_found_by_looking(lost):
    assert lost.check(*culprit(lost))


def test_nothing_else_is_the_answer(lost):
    call_id, state = culprit(lost)
    others = [other for other in lost.session.calls().index if other != call_id]
    assert not any(lost.check(other, state) for other in others)
    assert not any(lost.check(call_id, other) for other in ("establishing", "hold"))


@pytest.mark.parametrize("answer", [(), ("x",), ("x", "ringing")])
def test_an_answer_that_is_none_is_told_so(lost, answer):
    assert not lost.check(*answer)


def test_neither_repr_nor_task_gives_the_lost_one_away(lost):
    call_id, _ = culprit(lost)
    assert call_id not in repr(lost) + lost._repr_html_() + lost.task


@pytest.mark.slow
def test_a_call_that_is_kept_alive_lives_for_an_hour():
    with gc.exercises.keep_alive() as task:
        assert not task.check()
        call = task.session.create_call(gc.templates.peer_to_peer())
        call.wait_for("established", timeout=30)
        assert "minutes" in task.check().words
        while not task.check():
            call.keep_alive()
            time.sleep(0.5)


@pytest.mark.slow
def test_a_call_that_is_left_alone_ends_and_the_check_says_where_to_look():
    with gc.exercises.keep_alive() as task:
        call = task.session.create_call(gc.templates.peer_to_peer())
        call.wait_for("terminated", timeout=60)
        assert "result" in task.check().words
