"""The client refuses exactly the actions that the service refuses."""

import pytest

import graphcall_nb as gc
from graphcall_nb.errors import GraphError, IllegalAction
from graphcall_nb.graph import templates
from graphcall_nb.graph.models import ServiceHostedMediaConfig
from graphcall_nb.graph.operations import (
    Answer,
    CancelMediaProcessing,
    ChangeScreenSharingRole,
    Delete,
    InviteParticipants,
    KeepAlive,
    Mute,
    PlayPrompt,
    RecordResponse,
    Redirect,
    Reject,
    SendDtmfTones,
    SubscribeToTone,
    Transfer,
    Unmute,
    UpdateRecordingStatus,
)

BEEP = "https://cdn.contoso.com/beep.wav"
HEIDI = "550fae72-d251-43ec-868c-373732c2704f"

# Actions that keep the state come first, so they can share one call.
ACTIONS = (
    KeepAlive(),
    PlayPrompt(prompts=BEEP),
    RecordResponse(),
    CancelMediaProcessing(),
    SubscribeToTone(),
    SendDtmfTones(tones="1"),
    Mute(),
    Unmute(),
    ChangeScreenSharingRole(role="viewer"),
    UpdateRecordingStatus(status="notRecording"),
    InviteParticipants(participants=HEIDI),
    Answer(callback_uri="http://127.0.0.1:9/x", media_config=ServiceHostedMediaConfig()),
    Reject(reason="none"),
    Redirect(targets=HEIDI),
    Transfer(transfer_target=HEIDI, transferee=HEIDI),
    Delete(),
)
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
@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_client_and_service_agree(session, shared, state, action):
    call = call_in(session, state) if action.name in LEAVING and state != "terminated" else shared
    sending = session.async_calls.perform(call.id, action)
    if call.reason_not_allowed(action.name) is None:
        session.run(sending)
    else:
        with pytest.raises(GraphError):
            session.run(sending)


def test_refused_action_sends_nothing(session):
    call = call_in(session, "terminated")
    sent = len(session.journal.read_requests())
    for ask in (call.answer, call.mute, call.keep_alive, call.hang_up, lambda: call.invite(HEIDI)):
        with pytest.raises(IllegalAction, match="Nothing was sent"):
            ask()
    assert len(session.journal.read_requests()) == sent


def test_reason_names_the_method(session):
    call = call_in(session, "terminated")
    with pytest.raises(IllegalAction, match=r"hang_up \(delete\) needs a live call"):
        call.hang_up()
