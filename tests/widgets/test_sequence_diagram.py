"""The sequence diagram in sessions: live, in virtual time, and recorded."""

import time

import pytest

import graphcall_nb as gc
from graphcall_nb.widgets.sequence import SequenceDiagram
from graphcall_nb.widgets.sequence.diagram import RecordedMessages
from graphcall_nb.widgets.sync import Update
from tests.widgets.test_sequence_model import answered_call


def make_recording(**options):
    call = answered_call()
    return SequenceDiagram(RecordedMessages(Update(call["rows"], call["requests"]), **options), seconds_per_message=0)


def wait_until(is_reached, seconds=60):
    end = time.monotonic() + seconds
    while not is_reached():
        assert time.monotonic() < end
        time.sleep(0.01)


def press(ladder, kind):
    ladder.handle_message(None, {"kind": kind}, [])


def test_steps_in_virtual_time_let_one_message_go_each():
    with gc.simulate(virtual_time=True, seed=1) as session:
        ladder = session.sequence()
        call = session.create_call(gc.templates.peer_to_peer())
        states = []
        for _ in range(3):
            press(ladder, "step")
            states.append(call.state)
        assert states == ["establishing", "ringing", "established"]
        wait_until(lambda: "updated established" in ladder.describe())


def test_without_a_call_nothing_is_due_in_virtual_time():
    with gc.simulate(virtual_time=True) as session:
        ladder = session.sequence()
        assert ladder.step() is False
        assert "Nothing is due" in ladder.get_state("_controls")["_controls"]["note"]


def test_in_real_time_there_are_no_steps():
    with gc.simulate() as session, pytest.raises(ValueError, match="virtual_time=True"):
        session.sequence().step()


def test_playing_shows_all_and_pauses_at_the_end():
    ladder = make_recording(shown_until=0)
    press(ladder, "play")
    wait_until(lambda: not ladder.is_playing)
    assert "5 messages" in ladder.describe()


def test_back_and_start_over_move_the_recording():
    moves = []
    ladder = make_recording(on_move=moves.append)
    press(ladder, "back")
    press(ladder, "start_over")
    assert moves[0] > moves[1] == 0
    assert ladder.describe() == "Sequence diagram without messages."


def test_picture_and_text_stay_in_a_saved_notebook():
    ladder = make_recording()
    bundle = ladder._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data["text/html"].startswith("<svg ")
    assert "Other side → Graph: answers" in data["text/plain"]


def test_replays_and_journals_are_stepped_through(tmp_path):
    path = tmp_path / "calls.sqlite"
    with gc.simulate(virtual_time=True, scenario="declined", journal=path) as session:
        call = session.create_call(gc.templates.peer_to_peer())
        session.simulator.advance(60)
    with gc.open_journal(path) as session:
        assert "terminated" in session.sequence(call.id).describe()
    with gc.replay(path) as session:
        ladder = session.sequence()
        while ladder.step():
            pass
        assert session.position == pytest.approx(session.duration)
        assert session.calls()["state"].tolist() == ["terminated"]
