"""Frames of whole sessions against the state of the service, with faults on the way."""

import time

import pytest

import graphcall_nb as gc


def until(session, condition):
    """Wait for notifications until ``condition`` holds."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        session.journal.wait_sync(session.journal.last_seq, timeout=0.2)


def present(session):
    """Return whether each present participant is muted, by id, from the notifications."""
    found = session.participants()
    inside = found[found["left_at"].isna()]
    return dict(zip(inside["participant_id"], inside["muted"], strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("version", ["beta-2018", "v1.0"])
@pytest.mark.parametrize("faults", [[], ["duplicated"], ["delayed", "burst"]], ids="-".join)
def test_participants_match_those_of_the_service(version, faults):
    with gc.simulate(version=version, scenario="roster_changes", faults=faults, speed=40, seed=4) as session:
        call = session.create_call(gc.templates.group_call())
        call.wait_for("established", timeout=20)
        until(session, lambda: session.participants()["left_at"].notna().any())  # the last change: one leaves
        until(session, lambda: present(session) == {one.id: one.is_muted for one in call.participants()})
        assert len(present(session)) == 4


@pytest.mark.slow
@pytest.mark.parametrize("version", ["beta-2018", "v1.0"])
def test_operations_have_their_request_and_their_end(version):
    with gc.simulate(version=version, faults=["duplicated"], speed=40, seed=4) as session:
        call = session.create_call(gc.templates.peer_to_peer())
        call.wait_for("established", timeout=20)
        call.play_prompt("https://cdn.example/a.wav", client_context="hello").wait(20)
        call.mute()
        found = session.operations()
    assert found["kind"].tolist() == ["playPrompt", "mute"]
    assert found["client_context"].tolist() == ["hello", None]
    assert found["status"].tolist() == ["completed", "completed"]
    assert found["duration"].gt("0s").all()


def test_messages_are_complete_and_in_order():
    with gc.simulate(version="v1.0", speed=40, seed=4) as session:
        call = session.create_call(gc.templates.peer_to_peer())
        call.wait_for("established", timeout=20)
        call.hang_up()
        call.wait_for("terminated", timeout=20)
        said = session.messages(call.id)
    assert said["at"].is_monotonic_increasing
    assert said["text"].iloc[0] == "POST /communications/calls"
    # An answer and the notification that follows it may cross on the way.
    assert sorted(said["text"]) == [
        "201 Created · establishing",
        "204 No Content",
        "DELETE /communications/calls/{id}",
        "POST /communications/calls",
        "deleted terminated",
        "updated established",
        "updated established",
        "updated establishing",
    ]
