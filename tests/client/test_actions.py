"""Requests of the actions on a call, and actions that are refused before a request is sent."""

import inspect
import json

import httpx
import pytest

from graphcall_nb import AsyncCalls, CallHandle
from graphcall_nb.errors import ConsentMissing, GraphError, IllegalAction, InvalidCall, ServiceUnreachable
from graphcall_nb.graph.base import redact
from graphcall_nb.graph.coerce import to_participant, to_participants
from graphcall_nb.graph.models import (
    Identity,
    MediaInfo,
    MediaPrompt,
    ParticipantInfo,
    ServiceHostedMediaConfig,
    TextPrompt,
)
from graphcall_nb.graph.operations import (
    ACTIONS,
    Action,
    AddLargeGalleryView,
    Answer,
    CancelMediaProcessing,
    ChangeScreenSharingRole,
    InviteParticipants,
    KeepAlive,
    Mute,
    MuteAll,
    MuteParticipant,
    Operation,
    PlayPrompt,
    RecordResponse,
    Redirect,
    Reject,
    RemoveParticipant,
    SendDtmfTones,
    StartHoldMusic,
    StartRecording,
    StartTranscription,
    StopHoldMusic,
    StopRecording,
    StopTranscription,
    SubscribeToTone,
    Transfer,
    Unmute,
    UpdateRecordingStatus,
)

RUNNING = {"@odata.type": "#microsoft.graph.playPromptOperation", "id": "0fe0", "status": "running"}
BEEP = "https://cdn.contoso.com/beep.wav"


class Service:
    """A service that records the requests and gives one response."""

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
    ("send", "path", "body"),
    [
        (lambda calls: calls.perform("57", Reject(reason="busy")), "/reject", {"reason": "busy"}),
        (
            lambda calls: calls.perform(
                "57",
                Answer(
                    callback_uri="https://bot.example/x",
                    accepted_modalities="audio",
                    media_config=ServiceHostedMediaConfig(),
                ),
            ),
            "/answer",
            {
                "callbackUri": "https://bot.example/x",
                "acceptedModalities": ["audio"],
                "mediaConfig": {"@odata.type": "#microsoft.graph.serviceHostedMediaConfig"},
            },
        ),
        (
            lambda calls: calls.perform("57", ChangeScreenSharingRole(role="viewer")),
            "/changeScreenSharingRole",
            {"role": "viewer"},
        ),
        (lambda calls: calls.perform("57", KeepAlive()), "/keepAlive", {}),
    ],
)
async def test_action_without_an_operation(send, path, body):
    service = Service(ACCEPTED)
    assert await send(service.calls) is None
    assert service.sent == ("POST", CALL + path, body)


@pytest.mark.parametrize(
    ("send", "path", "body"),
    [
        (lambda calls: calls.perform("57", CancelMediaProcessing(all=True)), "/cancelMediaProcessing", {}),
        (
            lambda calls: calls.perform("57", SubscribeToTone(client_context="x")),
            "/subscribeToTone",
            {"clientContext": "x"},
        ),
        (lambda calls: calls.perform("57", Mute()), "/mute", {}),
        (lambda calls: calls.perform("57", Unmute()), "/unmute", {}),
        (
            lambda calls: calls.perform("57", SendDtmfTones(tones="1#", delay_between_tones_ms=50)),
            "/sendDtmfTones",
            {"tones": ["tone1", "pound"], "delayBetweenTonesMs": 50},
        ),
        (
            lambda calls: calls.perform("57", UpdateRecordingStatus(status="recording")),
            "/updateRecordingStatus",
            {"status": "recording"},
        ),
        (
            lambda calls: calls.perform("57", RecordResponse(max_record_duration_in_seconds=9, stop_tones="#1")),
            "/recordResponse",
            {"maxRecordDurationInSeconds": 9, "stopTones": ["#", "1"]},
        ),
        (lambda calls: calls.perform("57", MuteParticipant(participant_id="9")), "/participants/9/mute", {}),
    ],
)
async def test_action_that_starts_an_operation(send, path, body):
    service = Service()
    operation = await send(service.calls)
    assert (operation.id, operation.status, operation.done) == ("0fe0", "running", False)
    assert service.sent == ("POST", CALL + path, body)


@pytest.mark.parametrize("target", ["550f", Identity(id="550f"), ParticipantInfo.of("user", "550f")])
async def test_redirect_accepts_each_form_of_a_target(target):
    service = Service(ACCEPTED, "beta-2018")
    action = Redirect(targets=target, timeout=20, callback_uri="https://bot.example", mask_caller=True)
    await service.calls.perform("57", action)
    body = {"targets": [{"identity": {"user": {"id": "550f"}}}], "timeout": 20, "maskCaller": True}
    assert service.sent == ("POST", "/beta/app/calls/57/redirect", body)


async def test_blind_transfer_to_a_phone():
    service = Service(ACCEPTED, "beta-2018")
    assert await service.calls.perform("57", Transfer(transfer_target="+14255550100")) is None
    assert service.sent[2] == {"transferTarget": {"identity": {"phone": {"id": "+14255550100"}}}}


async def test_consultative_transfer_names_the_call_that_it_replaces():
    service = Service(version="beta-2018")
    colleague = ParticipantInfo.of("user", "550f")
    target = to_participant(colleague, replaces_call_id="58")
    operation = await service.calls.perform("57", Transfer(transfer_target=target, client_context="x"))
    assert operation.status == "running"
    assert service.sent[2]["transferTarget"]["replacesCallId"] == "58"
    assert colleague.replaces_call_id is None


@pytest.mark.parametrize(
    "sound", [BEEP, MediaInfo(uri=BEEP), {"@odata.type": "#microsoft.graph.mediaPrompt", "mediaInfo": {"uri": BEEP}}]
)
async def test_play_prompt_accepts_each_form_of_a_sound(sound):
    service = Service()
    await service.calls.perform("57", PlayPrompt(prompts=sound))
    (prompt,) = service.sent[2]["prompts"]
    assert prompt["@odata.type"] == "#microsoft.graph.mediaPrompt"
    assert prompt["mediaInfo"]["uri"] == BEEP


async def test_text_prompt_of_beta():
    service = Service(version="beta-2018")
    await service.calls.perform("57", PlayPrompt(prompts=TextPrompt(text="Hello")))
    assert service.sent[2] == {"prompts": [{"@odata.type": "#microsoft.graph.textPrompt", "text": "Hello"}]}


async def test_path_of_record_response_depends_on_the_version():
    service = Service(version="beta-2018")
    await service.calls.perform("57", RecordResponse(prompts=BEEP))
    assert service.sent[1] == "/beta/app/calls/57/record"


async def test_invitation():
    service = Service()
    participants = to_participants(["550f", "+14255550100"], replaces_call_id="58")
    await service.calls.perform("57", InviteParticipants(participants=participants))
    kinds = [list(one["identity"])[1] for one in service.sent[2]["participants"]]
    assert kinds == ["user", "phone"]
    assert {one["replacesCallId"] for one in service.sent[2]["participants"]} == {"58"}


async def test_mute_all_belongs_to_beta_only():
    service = Service(version="beta-2018")
    await service.calls.perform("57", MuteAll(participants=["1", "2"]))
    assert service.sent[2] == {"participants": ["1", "2"]}
    with pytest.raises(IllegalAction, match=r"does not have muteAll; .* Nothing was sent"):
        await Service().calls.perform("57", MuteAll())


async def test_participants_are_listed_read_and_removed():
    service = Service(httpx.Response(200, json={"value": [{"id": "1", "isMuted": True}]}))
    (participant,) = await service.calls.participants("57")
    assert (participant.id, participant.is_muted) == ("1", True)
    assert service.sent[:2] == ("GET", CALL + "/participants")
    one = Service(httpx.Response(200, json={"id": "1"}))
    assert (await one.calls.participant("57", "1")).id == "1"
    gone = Service(httpx.Response(204))
    assert await gone.calls.perform("57", RemoveParticipant(participant_id="1")) is None
    assert gone.sent == ("DELETE", CALL + "/participants/1", None)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: PlayPrompt(prompts=[BEEP] * 21), "prompts"),
        (lambda: PlayPrompt(prompts=[]), "prompts"),
        (lambda: PlayPrompt(prompts=BEEP, client_context="x" * 257), "client_context"),
        (lambda: PlayPrompt(prompts=5), "prompts[0]"),
        (lambda: RecordResponse(prompts=[BEEP] * 2), "prompts"),
        (
            lambda: RecordResponse(max_silence_timeout_in_seconds=0),
            "maxSilenceTimeoutInSeconds",
        ),
        (
            lambda: RecordResponse(max_record_duration_in_seconds=121),
            "maxRecordDurationInSeconds",
        ),
        (lambda: Redirect(targets=["550f"] * 26), "targets"),
        (lambda: Redirect(targets="550f", timeout=91), "timeout"),
        (lambda: Redirect(targets=[ParticipantInfo()]), "targets[0].identity"),
        (lambda: Transfer(transferTarget="+1 425"), "transferTarget.identity.phone.id"),
        (lambda: Transfer(transferTarget=""), "transferTarget.identity.user.id"),
        (lambda: InviteParticipants(participants=["550f"] * 6), "participants"),
        (lambda: InviteParticipants.from_kwargs(participants="550f", client_context=7), "clientContext"),
        (lambda: SendDtmfTones(tones="1x"), "tones[1]"),
        (lambda: SendDtmfTones(tones=["tone1", "tone11"]), "tones[1]"),
        (lambda: SendDtmfTones(tones=[]), "tones"),
        (lambda: Reject(reason="bored"), "reason"),
        (lambda: Answer(callbackUri=""), "callbackUri"),
        (lambda: ChangeScreenSharingRole(role="owner"), "role"),
        (lambda: UpdateRecordingStatus(status="on"), "status"),
    ],
)
async def test_broken_limit_names_the_field_and_nothing_is_sent(make, field):
    service = Service()
    with pytest.raises(InvalidCall, match=r"[.?]$") as caught:
        await service.calls.perform("57", make())
    assert [found for found, _ in caught.value.problems] == [field]
    assert service.requests == []


async def test_missing_consent_names_the_permission_of_the_action():
    with pytest.raises(ConsentMissing, match=r"Calls\.AccessMedia\.All"):
        await Service(httpx.Response(403)).calls.perform("57", RecordResponse())


async def test_operation_without_a_body_is_read_from_the_location():
    located = httpx.Response(200, headers={"location": "https://graph.microsoft.com/v1.0/x/operations/0fe0"})
    assert (await Service(located).calls.perform("57", Mute())).id == "0fe0"


@pytest.mark.parametrize("answer", [httpx.Response(200), httpx.Response(200, json={"value": 1})])
async def test_unreadable_response_is_an_error_with_a_reason(answer):
    with pytest.raises(GraphError, match="the service accepted the request"):
        await Service(answer).calls.participants("57")


async def test_action_that_is_not_idempotent_is_not_retried():
    class Broken(Service):
        def __call__(self, request):
            super().__call__(request)
            raise httpx.ReadError("reset")

    service = Broken()
    with pytest.raises(ServiceUnreachable) as caught:
        await service.calls.perform("57", PlayPrompt(prompts=BEEP))
    assert caught.value.maybe_sent
    assert len(service.requests) == 1


def test_token_of_a_recording_is_redacted():
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
    service = Service(version="beta-2018")
    assert (await service.calls.perform("57", action)).id == "0fe0"
    assert service.sent == ("POST", "/beta/app/calls/57" + path, body)
    with pytest.raises(IllegalAction, match=r"v1\.0 does not have \w+; use version beta\. Nothing was sent\."):
        await Service().calls.perform("57", action)


async def test_perform_refuses_what_is_not_an_action():
    with pytest.raises(TypeError, match="action: give an action"):
        await Service().calls.perform("57", "mute")


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_each_action_has_a_method_with_its_fields(action):
    """Names of parameters that read better in Python are listed; ``participants`` reads, and needs no fields."""
    renamed = {"transfer_target": "target"}
    renamed |= {"participants": "participant_ids"} if action is MuteAll else {}
    fields = {renamed.get(name, name) for name in action.model_fields} - {"odata_type"}
    assert fields <= set(inspect.signature(getattr(CallHandle, action.call_method)).parameters)
