"""Every operation through a whole session, in each version: requested, notified and shown in the frames."""

import pytest

import graphcall_nb as gc
from graphcall_nb.errors import GraphError, IllegalAction, InvalidCall
from graphcall_nb.graph import templates
from graphcall_nb.graph.models import AppHostedMediaConfig
from graphcall_nb.graph.operations import ACTIONS
from graphcall_nb.graph.versions import VERSIONS

BEEP = "https://cdn.contoso.com/beep.wav"
HEIDI = "550fae72-d251-43ec-868c-373732c2704f"


@pytest.fixture(scope="module", params=VERSIONS)
def session(request):
    with gc.simulate(version=request.param, speed=50, seed=1) as made:
        yield made


def established(session, template=templates.peer_to_peer):
    call = session.create_call(template())
    call.wait_for("established", timeout=20)
    return call


@pytest.fixture(scope="module")
def call(session):
    return established(session)


@pytest.fixture(scope="module")
def group(session):
    return established(session, templates.group_call)


@pytest.mark.slow
@pytest.mark.parametrize(
    "ask",
    [
        lambda call: call.play_prompt([BEEP, BEEP], client_context="mine"),
        lambda call: call.record_response(
            BEEP, max_record_duration_in_seconds=2, stop_tones="#", client_context="mine"
        ),
        lambda call: call.send_dtmf_tones("12#", delay_between_tones_ms=10, client_context="mine"),
        lambda call: call.subscribe_to_tone(client_context="mine"),
        lambda call: call.cancel_media_processing(client_context="mine"),
        lambda call: call.mute(client_context="mine"),
        lambda call: call.unmute(client_context="mine"),
        lambda call: call.update_recording_status("notRecording", client_context="mine"),
    ],
)
def test_operation_ends_and_is_in_the_frame(session, call, ask):
    operation = ask(call).wait(timeout=20)
    assert (operation.status, operation.client_context) == ("completed", "mine")
    rows = session.operations().set_index("operation_id")
    assert rows.loc[operation.id, "status"] == "completed"


@pytest.mark.slow
@pytest.mark.parametrize("action", ["start_recording", "stop_recording", "start_transcription", "stop_transcription"])
def test_recording_and_transcription_run_in_beta_only(session, group, action):
    send = getattr(group, action)
    if session.version.base == "beta":
        assert send(client_context="mine").wait(timeout=20).status == "completed"
    else:
        with pytest.raises(IllegalAction, match="use version beta"):
            send()


@pytest.mark.slow
def test_large_gallery_view_is_added_to_a_group_call(group):
    assert group.add_large_gallery_view(client_context="mine").wait(timeout=20).status == "completed"


@pytest.mark.slow
def test_hold_music_is_started_and_stopped_for_a_participant(group):
    participant = next(one for one in group.participants() if one.info.identity.user)
    started = group.start_hold_music(participant.id, client_context="mine").wait(timeout=20)
    stopped = group.stop_hold_music(participant.id).wait(timeout=20)
    assert (started.status, started.client_context, stopped.status) == ("completed", "mine", "completed")


@pytest.mark.parametrize(
    "ask", [lambda call: call.keep_alive(), lambda call: call.change_screen_sharing_role("viewer")]
)
def test_action_without_an_operation(session, call, ask):
    sent = len(session.journal.read_requests())
    assert ask(call) is None
    assert len(session.journal.read_requests()) == sent + 1


def test_running_prompt_is_cancelled():
    with gc.simulate(version="v1.0", speed=5, seed=1) as slow:
        call = established(slow)
        prompt = call.play_prompt([BEEP] * 20)
        call.cancel_media_processing()
        assert prompt.wait(timeout=20).failed


def test_pressed_keys_arrive_as_notifications(session, call):
    call.subscribe_to_tone()
    session.simulator.press(call.id, "tone1", "pound")
    assert [call.wait_for_tone(timeout=20) for _ in range(2)] == ["tone1", "pound"]
    assert call.tones == ["tone1", "pound"]


def test_blind_transfer_ends_the_call(session):
    call = established(session)
    operation = call.transfer(HEIDI)
    call.wait_for("terminated", timeout=20)
    assert operation is None or operation.wait(timeout=20).status == "completed"
    assert session.calls().set_index("call_id").loc[call.id, "result_subcode"] == 7015


def test_consultative_transfer_ends_both_calls(session):
    first, second = established(session), established(session)
    first.transfer(HEIDI, replaces_call_id=second.id)
    first.wait_for("terminated", timeout=20)
    second.wait_for("terminated", timeout=20)


@pytest.mark.slow
@pytest.mark.parametrize("name", VERSIONS)
def test_transfer_that_fails_leaves_the_call_established(name):
    with gc.simulate(version=name, scenario="transfer_failed", speed=50, seed=1) as session:
        call = established(session)
        operation = call.transfer(HEIDI)
        if operation is None:
            call.wait_for("transferring", timeout=20)
            call.wait_for("established", timeout=20, now=True)
        else:
            assert operation.wait(timeout=20).failed
        assert call.state == "established"


def test_participant_is_invited_muted_and_removed(group):
    group.invite(HEIDI).wait(timeout=20)
    (came,) = [one for one in group.participants() if one.info.identity.user and one.info.identity.user.id == HEIDI]
    group.mute_participant(came.id)
    assert group.participant(came.id).is_muted
    group.remove_participant(came.id)
    assert came.id not in {one.id for one in group.participants()}


def test_mute_all_depends_on_the_version(session, group):
    if ACTIONS["muteAll"].path_in(session.version.base):
        assert group.mute_participants().done
    else:
        with pytest.raises(IllegalAction, match="use version beta"):
            group.mute_participants()


def test_refused_actions_are_not_sent(session, call):
    sent = len(session.journal.read_requests())
    with pytest.raises(IllegalAction, match="answer needs a call that is incoming; this one is established"):
        call.answer()
    with pytest.raises(InvalidCall, match="prompts: it has 21"):
        call.play_prompt([BEEP] * 21)
    assert len(session.journal.read_requests()) == sent


def test_error_of_the_service_is_raised(session):
    call = session.create_call(templates.peer_to_peer_app_hosted())
    call.wait_for("established", timeout=20)
    assert isinstance(call.call.media_config, AppHostedMediaConfig)
    with pytest.raises(GraphError, match="400"):
        call.play_prompt(BEEP)
