"""Models of a call and of its parts, as Graph's resource pages describe them."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self

from pydantic import Field, Tag

from .._text import json_text, show_invisible
from .base import Code, Flag, Problem, Resource, Text, Whole, discriminate_by_type, redact


class Identity(Resource):
    """One identity: ``id`` is a GUID, or the number of a phone in E.164 format."""

    id: Text | None = None
    display_name: Text | None = None
    tenant_id: Text | None = None


class IdentitySet(Resource):
    """An identity under its kind; usually exactly one is set."""

    user: Identity | None = None
    phone: Identity | None = None
    application: Identity | None = None
    application_instance: Identity | None = None
    guest: Identity | None = None
    device: Identity | None = None
    encrypted: Identity | None = None


class ParticipantInfo(Resource):
    """A caller or a target: Graph's ``participantInfo`` and ``invitationParticipantInfo`` in one.

    Examples
    --------
    >>> ParticipantInfo.of("phone", "+14255550100", display_name="Front desk").to_json_dict()
    {'identity': {'phone': {'id': '+14255550100', 'displayName': 'Front desk'}}}
    """

    identity: IdentitySet | None = None
    language_id: Text | None = None
    region: Text | None = None
    country_code: Text | None = None
    endpoint_type: Text | None = None
    participant_id: Text | None = None
    replaces_call_id: Text | None = None
    hidden: Flag | None = None
    remove_from_default_audio_routing_group: Flag | None = None

    @classmethod
    def of(cls, kind: str, id: str, **identity: Any) -> Self:
        """Return a participant with one identity.

        Parameters
        ----------
        kind : str
            Field of :class:`IdentitySet`, such as ``"user"``.
        id : str
            Id of the identity.
        **identity
            Further fields of :class:`Identity`.
        """
        identities: dict[str, Any] = {kind: Identity(id=id, **identity)}
        return cls(identity=IdentitySet(**identities))

    @property
    def label(self) -> str:
        """Display name, else id, else an empty text."""
        fields = self.identity.to_json_dict() if self.identity else {}
        for value in fields.values():
            if isinstance(value, dict):
                return str(value.get("displayName") or value.get("id") or "")
        return ""


E164 = re.compile(r"\+[1-9]\d{1,14}")
"""The international format of phone numbers."""


def find_identity_problems(participant: ParticipantInfo) -> Iterator[Problem]:
    """Yield the path and the advice for each missing identity or id, and for phone numbers that are not in E.164."""
    identity = participant.identity.to_json_dict() if participant.identity else {}
    # Identities of kinds that the models do not know count as well.
    identities = {kind: value for kind, value in identity.items() if isinstance(value, Mapping)}
    if not identities:
        yield "identity", "it is empty; give a user, a phone or another identity."
    for kind, value in identities.items():
        if not value.get("id"):
            yield f"identity.{kind}.id", "it is missing; give the object id, or the number of a phone."
        elif kind == "phone" and not E164.fullmatch(value["id"]):
            yield "identity.phone.id", "it is not in E.164; write the number like +14255550100."


class MediaInfo(Resource):
    """A sound that the service fetches: WAV, mono, 16 bit, 16 kHz."""

    uri: Text | None = None
    resource_id: Text | None = None


class MediaConfig(Resource):
    """Media hosting of a call; the base class stands for unknown kinds."""

    remove_from_default_audio_group: Flag | None = None


class ServiceHostedMediaConfig(MediaConfig):
    """Microsoft hosts the media; the application plays prompts and receives tones."""

    type_name = "#microsoft.graph.serviceHostedMediaConfig"
    pre_fetch_media: list[MediaInfo] | None = None


class AppHostedMediaConfig(MediaConfig):
    """The application hosts the media; ``blob`` comes from Microsoft's media library."""

    type_name = "#microsoft.graph.appHostedMediaConfig"
    blob: Text | None = Field(default=None, repr=False)


class NoMediaConfig(MediaConfig):
    """A call without media (beta of 2018)."""

    type_name = "#microsoft.graph.noMediaConfig"


class MeetingInfo(Resource):
    """The meeting to join; the base class stands for unknown kinds."""

    allow_conversation_without_host: Flag | None = None


class OrganizerMeetingInfo(MeetingInfo):
    """A meeting identified by its organizer."""

    type_name = "#microsoft.graph.organizerMeetingInfo"
    organizer: IdentitySet | None = None


class TokenMeetingInfo(MeetingInfo):
    """A meeting identified by a token."""

    type_name = "#microsoft.graph.tokenMeetingInfo"
    token: Text | None = Field(default=None, repr=False)


class JoinMeetingIdMeetingInfo(MeetingInfo):
    """A meeting identified by the meeting id of its invitation."""

    type_name = "#microsoft.graph.joinMeetingIdMeetingInfo"
    join_meeting_id: Text | None = None
    passcode: Text | None = Field(default=None, repr=False)


class ChatInfo(Resource):
    """The chat thread behind a meeting."""

    thread_id: Text | None = None
    message_id: Text | None = None
    reply_chain_message_id: Text | None = None


class ResultInfo(Resource):
    """Result of a call or an operation: numbers in v1.0, texts in beta, with ``subCode`` instead of ``subcode``.

    Examples
    --------
    >>> ResultInfo.from_json_dict({"code": "200", "subCode": "transferAccepted"}).subcode
    'transferAccepted'
    """

    code: Code | None = None
    subcode: Code | None = None
    message: Text | None = None

    def model_post_init(self, context: Any) -> None:
        super().model_post_init(context)
        # Read under one name, but written under the name that was received.
        other = (self.__pydantic_extra__ or {}).get("subCode")
        if self.subcode is None and isinstance(other, int | str):
            self.__dict__["subcode"] = other


AnyMediaConfig = Annotated[
    Annotated[ServiceHostedMediaConfig, Tag("ServiceHostedMediaConfig")]
    | Annotated[AppHostedMediaConfig, Tag("AppHostedMediaConfig")]
    | Annotated[NoMediaConfig, Tag("NoMediaConfig")]
    | Annotated[MediaConfig, Tag("base")],
    discriminate_by_type(ServiceHostedMediaConfig, AppHostedMediaConfig, NoMediaConfig),
]
AnyMeetingInfo = Annotated[
    Annotated[OrganizerMeetingInfo, Tag("OrganizerMeetingInfo")]
    | Annotated[TokenMeetingInfo, Tag("TokenMeetingInfo")]
    | Annotated[JoinMeetingIdMeetingInfo, Tag("JoinMeetingIdMeetingInfo")]
    | Annotated[MeetingInfo, Tag("base")],
    discriminate_by_type(OrganizerMeetingInfo, TokenMeetingInfo, JoinMeetingIdMeetingInfo),
]


MIN_SECRET_LENGTH = 32
"""The last segment of a callback path with this length is a secret; a shorter one is a word that the user chose."""


class CallOptions(Resource):
    """Options of a call: outgoing and incoming options of v1.0 in one class."""

    hide_bot_after_escalation: Flag | None = None
    is_content_sharing_notification_enabled: Flag | None = None
    is_delta_roster_enabled: Flag | None = None
    is_interactive_roster_enabled: Flag | None = None


class Call(Resource):
    """A call, as in a request or a response.

    Every field is optional; :func:`graphcall_nb.lint` lists what the service requires. The service sets the fields
    from ``id`` to ``my_participant_id``: they are read, and never sent.

    Examples
    --------
    >>> call = Call(callback_uri="https://bot.example/calls", targets=[ParticipantInfo.of("user", "550fae72")])
    >>> call.to_json_dict()["targets"]
    [{'identity': {'user': {'id': '550fae72'}}}]
    >>> Call.from_json_dict({"subject": "Test", "newInGraph": {"x": None}}).to_json_dict()
    {'subject': 'Test', 'newInGraph': {'x': None}}
    """

    callback_uri: Text | None = None
    source: ParticipantInfo | None = None
    targets: list[ParticipantInfo] | None = None
    requested_modalities: list[Text] | None = None
    media_config: AnyMediaConfig | None = None
    chat_info: ChatInfo | None = None
    meeting_info: AnyMeetingInfo | None = None
    subject: Text | None = None
    tenant_id: Text | None = None
    ringing_timeout_in_seconds: Whole | None = None
    routing_policies: list[Text] | None = None
    call_options: CallOptions | None = None

    id: Text | None = None
    state: Text | None = None
    direction: Text | None = None
    answered_by: ParticipantInfo | None = None
    active_modalities: list[Text] | None = None
    result_info: ResultInfo | None = None
    termination_reason: Text | None = None
    my_participant_id: Text | None = None

    def __repr__(self) -> str:
        return f"<Call {describe_call(self)}{f', {self.state}' if self.state else ''}>"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        from html import escape

        # A saved notebook contains its outputs.
        body = redact(self.to_json_dict())
        if self.callback_uri and len(self.callback_uri.rpartition("/")[2]) < MIN_SECRET_LENGTH:
            body["callbackUri"] = self.callback_uri
        return f"<details open><summary>{escape(repr(self))}</summary><pre>{escape(json_text(body))}</pre></details>"


class CreatedCall(Call):
    """A call as a response of the service has it: with an id."""

    id: Text


def describe_call(call: Call) -> str:
    """Return subject, targets, and the caller of an incoming call, in words."""
    targets = ", ".join(show_invisible(target.label) or "?" for target in call.targets or []) or (
        "a meeting" if call.meeting_info else "no target"
    )
    is_incoming = "incoming" in ((call.state or "").lower(), (call.direction or "").lower())
    caller = show_invisible(call.source.label) if is_incoming and call.source else ""
    return f"{call.subject or '(no subject)'!r}{f' from {caller}' if caller else ''} to {targets}"


class MediaStream(Resource):
    """One stream of a participant; ``direction`` is ``inactive``, ``sendOnly``, ``receiveOnly`` or ``sendReceive``."""

    direction: Text | None = None
    label: Text | None = None
    media_type: Text | None = None
    server_muted: Flag | None = None
    source_id: Code | None = None


class RecordingInfo(Resource):
    """Recording status and its initiator; beta names the fields ``status`` and ``initiatedBy``."""

    initiator: IdentitySet | None = None
    recording_status: Text | None = None
    initiated_by: ParticipantInfo | None = None
    status: Text | None = None


class Participant(Resource):
    """One participant of a call.

    Examples
    --------
    >>> Participant.from_json_dict({"id": "1", "isMuted": True, "info": {"identity": {"user": {"id": "550f"}}}})
    <Participant 1: 550f, muted>
    """

    id: Text | None = None
    info: ParticipantInfo | None = None
    is_in_lobby: Flag | None = None
    is_muted: Flag | None = None
    media_streams: list[MediaStream] | None = None
    metadata: Text | None = None
    recording_info: RecordingInfo | None = None
    roster_sequence_number: Whole | None = None

    def __repr__(self) -> str:
        parts = [(self.info.label if self.info else "") or "?"]
        parts += [word for word, holds in (("muted", self.is_muted), ("in the lobby", self.is_in_lobby)) if holds]
        return f"<Participant {self.id}: {', '.join(parts)}>"

    __str__ = __repr__


class ContentSharingSession(Resource):
    """A session in which a participant shares content, such as a screen.

    Examples
    --------
    >>> ContentSharingSession.from_json_dict({"id": "F7D9EF30"}).id
    'F7D9EF30'
    """

    id: Text | None = None


class AudioRoutingGroup(Resource):
    """A private audio route in a group call.

    Attributes
    ----------
    id : str
        Graph's id, or the one that the application chose.
    routing_mode : str
        ``oneToOne`` or ``multicast``.
    sources, receivers : list of str
        Ids of the participants who speak and who listen.

    Examples
    --------
    >>> AudioRoutingGroup(id="1", routing_mode="multicast", sources=["a"], receivers=["b", "c"])
    <AudioRoutingGroup 1: multicast, a to b, c>
    """

    id: Text | None = None
    routing_mode: Text | None = None
    sources: list[Text] | None = None
    receivers: list[Text] | None = None

    def __repr__(self) -> str:
        route = " to ".join(", ".join(ids or ["?"]) for ids in (self.sources, self.receivers))
        return f"<AudioRoutingGroup {self.id}: {self.routing_mode}, {route}>"

    __str__ = __repr__


class Prompt(Resource):
    """A prompt to play; the base class stands for unknown kinds."""

    loop: Whole | None = None


class MediaPrompt(Prompt):
    """A sound: WAV, mono, 16 bit, 16 kHz, fetched over https.

    Examples
    --------
    >>> MediaPrompt.of("https://cdn.contoso.com/beep.wav", resource_id="1D6DE2D4").media_info.resource_id
    '1D6DE2D4'
    """

    type_name = "#microsoft.graph.mediaPrompt"
    media_info: MediaInfo | None = None

    @classmethod
    def of(cls, uri: str, *, resource_id: str | None = None) -> Self:
        """Return a prompt that plays a sound.

        Parameters
        ----------
        uri : str
            The https URL of the sound.
        resource_id : str, optional
            Id under which Microsoft caches the sound.
        """
        return cls(media_info=MediaInfo.from_kwargs(uri=uri, resource_id=resource_id))


class TextPrompt(Prompt):
    """A text to speak (beta of 2018)."""

    type_name = "#microsoft.graph.textPrompt"
    text: Text | None = None
    culture: Text | None = None
    voice_gender: Text | None = None


class SilencePrompt(Prompt):
    """A pause; ``duration`` is in milliseconds (beta of 2018)."""

    type_name = "#microsoft.graph.silencePrompt"
    duration: Whole | None = None


class DtmfPrompt(Prompt):
    """Keys to dial; a comma is a pause of one second (beta of 2018)."""

    type_name = "#microsoft.graph.dtmfPrompt"
    digits: Text | None = None


AnyPrompt = Annotated[
    Annotated[MediaPrompt, Tag("MediaPrompt")]
    | Annotated[TextPrompt, Tag("TextPrompt")]
    | Annotated[SilencePrompt, Tag("SilencePrompt")]
    | Annotated[DtmfPrompt, Tag("DtmfPrompt")]
    | Annotated[Prompt, Tag("base")],
    discriminate_by_type(MediaPrompt, TextPrompt, SilencePrompt, DtmfPrompt),
]
