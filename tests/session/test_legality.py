"""What is refused here before it is sent is what the service refuses, and the other way round."""

import pytest

import graphcall_nb as gc
from graphcall_nb.errors import GraphError, IllegalAction
from graphcall_nb.graph import templates
from graphcall_nb.graph.models import Call

BEEP = "https://cdn.contoso.com/beep.wav"
HEIDI = "550fae72-d251-43ec-868c-373732c2704f"

# Those that leave the state as it is come first: one call serves for all of them.
ASK = {
    "keepAlive": lambda calls, id: calls.keep_alive(id),
    "playPrompt": lambda calls, id: calls.play_prompt(id, BEEP),
    "recordResponse": lambda calls, id: calls.record_response(id),
    "cancelMediaProcessing": lambda calls, id: calls.cancel_media_processing(id),
    "subscribeToTone": lambda calls, id: calls.subscribe_to_tone(id),
    "sendDtmfTones": lambda calls, id: calls.send_dtmf_tones(id, "1"),
    "mute": lambda calls, id: calls.mute(id),
    "unmute": lambda calls, id: calls.unmute(id),
    "changeScreenSharingRole": lambda calls, id: calls.change_screen_sharing_role(id, "viewer"),
    "updateRecordingStatus": lambda calls, id: calls.update_recording_status(id, "notRecording"),
    "inviteParticipants": lambda calls, id: calls.invite(id, HEIDI),
    "answer": lambda calls, id: calls.answer(id, "http://127.0.0.1:9/x"),
    "reject": lambda calls, id: calls.reject(id),
    "redirect": lambda calls, id: calls.redirect(id, HEIDI),
    "transfer": lambda calls, id: calls.transfer(id, HEIDI),
    "delete": lambda calls, id: calls.delete(id),
}
LEAVING = ("answer", "reject", "redirect", "transfer", "delete")


@pytest.fixture(scope="module", params=["incoming", "established", "terminated"])
def state(request):
    return request.param


@pytest.fixture(scope="module")
def session():
    with gc.simulate(version="v1.0", speed=4, seed=1) as made:
        yield made


def call_in(session, state):
    if state == "incoming":
        session.simulator.ring()
        return session.wait_for_incoming(timeout=20)
    call = session.create_call(templates.group_call())
    call.wait_for("established", timeout=20)
    if state == "terminated":
        call.hang_up()
        call.wait_for("terminated", timeout=20)
    return call


@pytest.fixture(scope="module")
def shared(session, state):
    return call_in(session, state)


@pytest.mark.slow
@pytest.mark.parametrize("action", ASK)
def test_client_and_service_agree(session, shared, state, action):
    call = call_in(session, state) if action in LEAVING and state != "terminated" else shared
    reason = call.reason_not_allowed(action)
    if reason is None:
        session.run(_asked(session, call.call, action))
    else:
        with pytest.raises(GraphError):
            session.run(_asked(session, call.call, action))


async def _asked(session, call: Call, action: str):
    return await ASK[action](session.async_calls, call.id)


def test_refused_here_nothing_is_sent(session):
    call = call_in(session, "terminated")
    sent = len(session.journal.read_requests())
    for ask in (call.answer, call.mute, call.keep_alive, call.hang_up, lambda: call.invite(HEIDI)):
        with pytest.raises(IllegalAction, match="Nothing was sent"):
            ask()
    assert len(session.journal.read_requests()) == sent


def test_a_refusal_names_the_method_that_was_called(session):
    call = call_in(session, "terminated")
    with pytest.raises(IllegalAction, match=r"hang_up \(delete\) needs a live call"):
        call.hang_up()
