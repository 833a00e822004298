"""What is sent for each operation, and what is refused before it is sent."""

import inspect
import json

import httpx
import pytest

from graphcall_nb import AsyncCalls, CallHandle
from graphcall_nb.errors import ConsentMissing, GraphError, IllegalAction, InvalidCall, ServiceUnreachable
from graphcall_nb.graph.base import redact
from graphcall_nb.graph.models import Identity, MediaInfo, MediaPrompt, ParticipantInfo, TextPrompt
from graphcall_nb.graph.operations import (
    ACTIONS,
    Action,
    AddLargeGalleryView,
    Operation,
    StartHoldMusic,
    StartRecording,
    StartTranscription,
    StopHoldMusic,
    StopRecording,
    StopTranscription,
)

RUNNING = {"@odata.type": "#microsoft.graph.playPromptOperation", "id": "0fe0", "status": "running"}
BEEP = "https://cdn.contoso.com/beep.wav"


class Service:
    """Takes everything down and gives one answer."""

    def __init__(self, answer=None, version="v1.0"):
        self.answer = answer or httpx.Response(200, json=RUNNING)
        self.requests = []
        self.calls = AsyncCalls(transport=httpx.MockTransport(self), version=version)

    def __call__(self, request):
        self.requests.append(request)
        return self.answer

    @property
    def sent(self):
        (request,) = self.requests
        return request.method, request.url.path, json.loads(request.content) if request.content else None


ACCEPTED = httpx.Response(202)
CALL = "/v1.0/communications/calls/57"


@pytest.mark.parametrize(
    ("ask", "path", "body"),
    [
        (lambda calls: calls.reject("57", "busy"), "/reject", {"reason": "busy"}),
        (
            lambda calls: calls.answer("57", "https://bot.example/x"),
            "/answer",
            {
                "callbackUri": "https://bot.example/x",
                "acceptedModalities": ["audio"],
                "mediaConfig": {"@odata.type": "#microsoft.graph.serviceHostedMediaConfig"},
            },
        ),
        (
            lambda calls: calls.change_screen_sharing_role("57", "viewer"),
            "/changeScreenSharingRole",
            {"role": "viewer"},
        ),
        (lambda calls: calls.keep_alive("57"), "/keepAlive", {}),
    ],
)
async def test_operations_that_answer_without_a_body(ask, path, body):
    service = Service(ACCEPTED)
    assert await ask(service.calls) is None
    assert service.sent == ("POST", CALL + path, body)


@pytest.mark.parametrize(
    ("ask", "path", "body"),
    [
        (lambda calls: calls.cancel_media_processing("57", all=True), "/cancelMediaProcessing", {}),
        (lambda calls: calls.subscribe_to_tone("57", client_context="x"), "/subscribeToTone", {"clientContext": "x"}),
        (lambda calls: calls.mute("57"), "/mute", {}),
        (lambda calls: calls.unmute("57"), "/unmute", {}),
        (
            lambda calls: calls.send_dtmf_tones("57", "1#", delay_between_tones_ms=50),
            "/sendDtmfTones",
            {"tones": ["tone1", "pound"], "delayBetweenTonesMs": 50},
        ),
        (
            lambda calls: calls.update_recording_status("57", "recording"),
            "/updateRecordingStatus",
            {"status": "recording"},
        ),
        (
            lambda calls: calls.record_response("57", max_record_duration_in_seconds=9, stop_tones="#1"),
            "/recordResponse",
            {"maxRecordDurationInSeconds": 9, "stopTones": ["#", "1"]},
        ),
        (lambda calls: calls.mute_participant("57", "9"), "/participants/9/mute", {}),
    ],
)
async def test_operations_that_answer_with_an_operation(ask, path, body):
    service = Service()
    operation = await ask(service.calls)
    assert (operation.id, operation.status, operation.done) == ("0fe0", "running", False)
    assert service.sent == ("POST", CALL + path, body)


@pytest.mark.parametrize("who", ["550f", Identity(id="550f"), ParticipantInfo.of("user", "550f")])
async def test_redirect_to_whoever_is_given(who):
    service = Service(ACCEPTED, "beta")
    await service.calls.redirect("57", who, timeout=20, callback_uri="https://bot.example", mask_caller=True)
    body = {"targets": [{"identity": {"user": {"id": "550f"}}}], "timeout": 20, "maskCaller": True}
    assert service.sent == ("POST", "/beta/app/calls/57/redirect", body)


async def test_blind_transfer_to_a_phone():
    service = Service(ACCEPTED, "beta")
    assert await service.calls.transfer("57", "+14255550100") is None
    assert service.sent[2] == {"transferTarget": {"identity": {"phone": {"id": "+14255550100"}}}}


async def test_consultative_transfer_names_the_call_that_it_replaces():
    service = Service(version="beta")
    colleague = ParticipantInfo.of("user", "550f")
    operation = await service.calls.transfer("57", colleague, replaces_call_id="58", client_context="x")
    assert operation.status == "running"
    assert service.sent[2]["transferTarget"]["replacesCallId"] == "58"
    assert colleague.replaces_call_id is None


@pytest.mark.parametrize(
    "sound", [BEEP, MediaInfo(uri=BEEP), {"@odata.type": "#microsoft.graph.mediaPrompt", "mediaInfo": {"uri": BEEP}}]
)
async def test_prompt_however_it_is_given(sound):
    service = Service()
    await service.calls.play_prompt("57", sound)
    (prompt,) = service.sent[2]["prompts"]
    assert prompt["@odata.type"] == "#microsoft.graph.mediaPrompt"
    assert prompt["mediaInfo"]["uri"] == BEEP


async def test_spoken_prompt_where_there_is_one():
    service = Service(version="beta")
    await service.calls.play_prompt("57", TextPrompt(text="Hello"))
    assert service.sent[2] == {"prompts": [{"@odata.type": "#microsoft.graph.textPrompt", "text": "Hello"}]}


async def test_recording_is_spelled_by_the_dialect():
    service = Service(version="beta")
    await service.calls.record_response("57", BEEP)
    assert service.sent[1] == "/beta/app/calls/57/record"


async def test_invitation():
    service = Service()
    await service.calls.invite("57", ["550f", "+14255550100"], replaces_call_id="58")
    kinds = [list(one["identity"])[1] for one in service.sent[2]["participants"]]
    assert kinds == ["user", "phone"]
    assert {one["replacesCallId"] for one in service.sent[2]["participants"]} == {"58"}


async def test_muting_several_is_for_one_version_only():
    service = Service(version="beta")
    await service.calls.mute_participants("57", ["1", "2"])
    assert service.sent[2] == {"participants": ["1", "2"]}
    with pytest.raises(IllegalAction, match=r"does not have muteAll; .* Nothing was sent"):
        await Service().calls.mute_participants("57")


async def test_participants_are_listed_read_and_removed():
    service = Service(httpx.Response(200, json={"value": [{"id": "1", "isMuted": True}]}))
    (participant,) = await service.calls.participants("57")
    assert (participant.id, participant.is_muted) == ("1", True)
    assert service.sent[:2] == ("GET", CALL + "/participants")
    one = Service(httpx.Response(200, json={"id": "1"}))
    assert (await one.calls.participant("57", "1")).id == "1"
    gone = Service(httpx.Response(204))
    assert await gone.calls.remove_participant("57", "1") is None
    assert gone.sent == ("DELETE", CALL + "/participants/1", None)


@pytest.mark.parametrize(
    ("ask", "field"),
    [
        (lambda calls: calls.play_prompt("57", [BEEP] * 21), "prompts"),
        (lambda calls: calls.play_prompt("57", []), "prompts"),
        (lambda calls: calls.play_prompt("57", BEEP, client_context="x" * 257), "clientContext"),
        (lambda calls: calls.play_prompt("57", 5), "prompts[0]"),
        (lambda calls: calls.record_response("57", [BEEP] * 2), "prompts"),
        (lambda calls: calls.record_response("57", max_silence_timeout_in_seconds=0), "maxSilenceTimeoutInSeconds"),
        (lambda calls: calls.record_response("57", max_record_duration_in_seconds=121), "maxRecordDurationInSeconds"),
        (lambda calls: calls.redirect("57", ["550f"] * 26), "targets"),
        (lambda calls: calls.redirect("57", "550f", timeout=91), "timeout"),
        (lambda calls: calls.redirect("57", [ParticipantInfo()]), "targets[0].identity"),
        (lambda calls: calls.transfer("57", "+1 425"), "transferTarget.identity.phone.id"),
        (lambda calls: calls.transfer("57", ""), "transferTarget.identity.user.id"),
        (lambda calls: calls.invite("57", ["550f"] * 6), "participants"),
        (lambda calls: calls.invite("57", ["550f"], client_context=7), "clientContext"),
        (lambda calls: calls.send_dtmf_tones("57", "1x"), "tones[1]"),
        (lambda calls: calls.send_dtmf_tones("57", ["tone1", "tone11"]), "tones[1]"),
        (lambda calls: calls.send_dtmf_tones("57", []), "tones"),
        (lambda calls: calls.reject("57", "bored"), "reason"),
        (lambda calls: calls.answer("57", ""), "callbackUri"),
        (lambda calls: calls.change_screen_sharing_role("57", "owner"), "role"),
        (lambda calls: calls.update_recording_status("57", "on"), "status"),
    ],
)
async def test_limits_are_named_by_their_field_and_nothing_is_sent(ask, field):
    service = Service()
    with pytest.raises(InvalidCall, match=r"[.?]$") as caught:
        await ask(service.calls)
    assert [found for found, _ in caught.value.problems] == [field]
    assert service.requests == []


async def test_missing_consent_names_the_permission_of_the_operation():
    with pytest.raises(ConsentMissing, match=r"Calls\.AccessMedia\.All"):
        await Service(httpx.Response(403)).calls.record_response("57")


async def test_operation_whose_body_is_left_out_is_known_by_its_address():
    located = httpx.Response(200, headers={"location": "https://graph.microsoft.com/v1.0/x/operations/0fe0"})
    assert (await Service(located).calls.mute("57")).id == "0fe0"


@pytest.mark.parametrize("answer", [httpx.Response(200), httpx.Response(200, json={"value": 1})])
async def test_answers_that_cannot_be_read_are_errors_in_words(answer):
    with pytest.raises(GraphError, match="the service accepted the request"):
        await Service(answer).calls.participants("57")


async def test_what_would_be_done_twice_is_not_sent_again():
    class Broken(Service):
        def __call__(self, request):
            super().__call__(request)
            raise httpx.ReadError("reset")

    service = Broken()
    with pytest.raises(ServiceUnreachable) as caught:
        await service.calls.play_prompt("57", BEEP)
    assert caught.value.maybe_sent
    assert len(service.requests) == 1


def test_secrets_of_a_recording_are_neither_shown_nor_kept():
    operation = Operation.from_json_dict({"id": "1", "recordingAccessToken": "t0p"})
    assert "t0p" not in f"{operation!r} {operation}"
    assert redact(operation.to_json_dict())["recordingAccessToken"] == "***"


def subclasses(kind):
    return {kind}.union(*map(subclasses, kind.__subclasses__()))


def test_every_class_with_a_name_is_registered():
    assert {kind for kind in subclasses(Action) if "name" in vars(kind)} == set(ACTIONS.values())


@pytest.mark.parametrize(
    ("action", "path", "body"),
    [
        (AddLargeGalleryView(client_context="x"), "/addLargeGalleryView", {"clientContext": "x"}),
        (
            StartHoldMusic(participant_id="9", custom_prompt=MediaPrompt.of(BEEP)),
            "/participants/9/startHoldMusic",
            {
                "customPrompt": {
                    "@odata.type": "#microsoft.graph.mediaPrompt",
                    "mediaInfo": {"@odata.type": "#microsoft.graph.mediaInfo", "uri": BEEP},
                }
            },
        ),
        (StopHoldMusic(participant_id="9/8"), "/participants/9%2F8/stopHoldMusic", {}),
    ],
    ids=lambda value: value.name if isinstance(value, Action) else "",
)
async def test_perform_sends_any_action(action, path, body):
    service = Service()
    assert (await service.calls.perform("57", action)).id == "0fe0"
    assert service.requests[0].url.raw_path.decode() == CALL + path
    assert service.sent[2] == body


@pytest.mark.parametrize(
    ("action", "path", "body"),
    [
        (StartRecording(), "/startRecording", {}),
        (StopRecording(), "/stopRecording", {}),
        (StartTranscription(language="en-us"), "/startTranscription", {"language": "en-us"}),
        (StopTranscription(), "/stopTranscription", {}),
    ],
    ids=lambda value: value.name if isinstance(value, Action) else "",
)
async def test_recording_and_transcription_belong_to_beta_only(action, path, body):
    service = Service(version="beta")
    assert (await service.calls.perform("57", action)).id == "0fe0"
    assert service.sent == ("POST", "/beta/app/calls/57" + path, body)
    with pytest.raises(IllegalAction, match=r"v1\.0 does not have \w+; use version beta\. Nothing was sent\."):
        await Service().calls.perform("57", action)


async def test_perform_refuses_what_is_not_an_action():
    with pytest.raises(TypeError, match="action: give an action"):
        await Service().calls.perform("57", "mute")


def test_both_faces_offer_the_same_operations():
    sync, other = set(dir(CallHandle)), set(dir(AsyncCalls))
    public = {name for name in other if not name.startswith("_")} - {"create", "get", "delete", "aclose", "perform"}
    assert public <= sync


@pytest.mark.parametrize("name", sorted({n for n in dir(AsyncCalls) if not n.startswith("_")} & set(dir(CallHandle))))
def test_both_faces_take_the_same_parameters(name):
    theirs = list(inspect.signature(getattr(AsyncCalls, name)).parameters)
    mine = list(inspect.signature(getattr(CallHandle, name)).parameters)
    assert set(theirs) - {"call_id"} == set(mine)
