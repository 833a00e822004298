"""The model of a call and of all that is inside one.

Graph's names in camelCase on the wire, snake_case in Python. A round trip is exact: what Graph adds later (unknown
fields, unknown enum values), explicit nulls and the letter case of ids come back as they went in. Types are checked
strictly, so ``"5"`` is no number and a mistake is named by its field. The names are those of Graph's resource pages
``call``, ``participantInfo``, ``invitationParticipantInfo``, ``identitySet``, ``mediaConfig``, ``meetingInfo`` and
``chatInfo``, beta and v1.0 together.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Strict, Tag, ValidationError
from pydantic.alias_generators import to_camel

from .errors import InvalidCall

Text = Annotated[str, Strict()]
Flag = Annotated[bool, Strict()]
Whole = Annotated[int, Strict()]
# Graph prints result codes as numbers on v1.0 and as texts on beta; both must come back as they came.
Code = Whole | Text


class Resource(BaseModel):
    """Base of all parts of a call: camelCase on the wire, unknown fields kept, explicit nulls kept."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        extra="allow",
        validate_assignment=True,
        hide_input_in_errors=True,  # a body may hold a token meeting's token
    )

    type_name: ClassVar[str | None] = None
    """What ``@odata.type`` says of this class, where Graph wants it said."""

    odata_type: Text | None = Field(default=None, alias="@odata.type")

    def model_post_init(self, context: Any) -> None:
        # An unknown JSON field spelled like one of our Python names must not make that field count as set.
        for name in type(self).model_fields.keys() & (self.__pydantic_extra__ or {}).keys():
            if self.__dict__[name] is None:
                self.model_fields_set.discard(name)
        if self.type_name is not None and "odata_type" not in self.model_fields_set:
            self.odata_type = self.type_name

    def to_json_dict(self) -> dict[str, Any]:
        """The resource as it is written to the wire: only what was set, in Graph's names."""
        return self.model_dump(by_alias=True, exclude_unset=True)


class Identity(Resource):
    """One identity: ``id`` is a GUID, or a phone number in E.164 where the set calls it a phone."""

    id: Text | None = None
    display_name: Text | None = None
    tenant_id: Text | None = None


class IdentitySet(Resource):
    """Who somebody is, under the name of what he is; usually exactly one is set."""

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
        """A participant of one identity; ``kind`` is a field of :class:`IdentitySet`, such as ``"user"``."""
        return cls.model_validate({"identity": {kind: {"id": id, **identity}}})

    @property
    def label(self) -> str:
        """The name to show for this participant: a display name, else an id, else an empty text."""
        fields = self.identity.to_json_dict() if self.identity else {}
        for value in fields.values():
            if isinstance(value, dict):
                return str(value.get("displayName") or value.get("id") or "")
        return ""


class MediaInfo(Resource):
    """A sound to fetch before it is played: WAV, mono, 16 bit, 16 kHz."""

    uri: Text | None = None
    resource_id: Text | None = None


class MediaConfig(Resource):
    """Where the media of a call are handled; this base stands for kinds unknown to this version."""

    remove_from_default_audio_group: Flag | None = None


class ServiceHostedMediaConfig(MediaConfig):
    """Microsoft handles the media; the application plays prompts and hears tones."""

    type_name = "#microsoft.graph.serviceHostedMediaConfig"
    pre_fetch_media: list[MediaInfo] | None = None


class AppHostedMediaConfig(MediaConfig):
    """The application handles the media itself; ``blob`` comes from Microsoft's media library."""

    type_name = "#microsoft.graph.appHostedMediaConfig"
    blob: Text | None = None


class NoMediaConfig(MediaConfig):
    """No media at all (beta of 2018 only)."""

    type_name = "#microsoft.graph.noMediaConfig"


class MeetingInfo(Resource):
    """Which meeting to join; this base stands for kinds unknown to this version."""

    allow_conversation_without_host: Flag | None = None


class OrganizerMeetingInfo(MeetingInfo):
    """A meeting known by its organizer."""

    type_name = "#microsoft.graph.organizerMeetingInfo"
    organizer: IdentitySet | None = None


class TokenMeetingInfo(MeetingInfo):
    """A meeting known by a token."""

    type_name = "#microsoft.graph.tokenMeetingInfo"
    token: Text | None = None


class JoinMeetingIdMeetingInfo(MeetingInfo):
    """A meeting known by the number that stands in its invitation."""

    type_name = "#microsoft.graph.joinMeetingIdMeetingInfo"
    join_meeting_id: Text | None = None
    passcode: Text | None = None


class ChatInfo(Resource):
    """The chat thread behind a meeting."""

    thread_id: Text | None = None
    message_id: Text | None = None
    reply_chain_message_id: Text | None = None


class ResultInfo(Resource):
    """How something ended. Numbers on v1.0, texts on beta, where ``subcode`` is spelled ``subCode``."""

    code: Code | None = None
    subcode: Code | None = None
    message: Text | None = None


def _by_type(*classes: type[Resource]) -> Discriminator:
    """Tells the class of a resource by its ``@odata.type``; what is not known goes to the base class."""
    names = {cls.type_name: cls.__name__ for cls in classes}

    def tag(value: Any) -> str:
        if isinstance(value, Mapping):
            found = value.get("@odata.type", value.get("odata_type"))
            return names.get(found, "base") if isinstance(found, str) else "base"
        return type(value).__name__ if type(value) in classes else "base"

    return Discriminator(tag)


AnyMediaConfig = Annotated[
    Annotated[ServiceHostedMediaConfig, Tag("ServiceHostedMediaConfig")]
    | Annotated[AppHostedMediaConfig, Tag("AppHostedMediaConfig")]
    | Annotated[NoMediaConfig, Tag("NoMediaConfig")]
    | Annotated[MediaConfig, Tag("base")],
    _by_type(ServiceHostedMediaConfig, AppHostedMediaConfig, NoMediaConfig),
]
AnyMeetingInfo = Annotated[
    Annotated[OrganizerMeetingInfo, Tag("OrganizerMeetingInfo")]
    | Annotated[TokenMeetingInfo, Tag("TokenMeetingInfo")]
    | Annotated[JoinMeetingIdMeetingInfo, Tag("JoinMeetingIdMeetingInfo")]
    | Annotated[MeetingInfo, Tag("base")],
    _by_type(OrganizerMeetingInfo, TokenMeetingInfo, JoinMeetingIdMeetingInfo),
]


class Call(Resource):
    """A call, as it is asked for and as Graph answers it.

    Every field may be left out; :func:`graphcall_nb.lint` says what a service will miss. The fields from ``id`` to
    ``my_participant_id`` are set by the service: they are read, and never sent.

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

    id: Text | None = None
    state: Text | None = None
    direction: Text | None = None
    answered_by: ParticipantInfo | None = None
    active_modalities: list[Text] | None = None
    result_info: ResultInfo | None = None
    termination_reason: Text | None = None
    my_participant_id: Text | None = None

    @classmethod
    def from_json_dict(cls, body: Mapping[str, Any]) -> Self:
        """Read a call from its JSON form, in Graph's names only.

        Raises
        ------
        InvalidCall
            ``problems`` names each field that is wrong, all of them at once.
        """
        if not isinstance(body, Mapping):
            raise InvalidCall(f"A call is a JSON object with fields such as callbackUri; this is {_json_kind(body)}.")
        try:
            # By alias only: an unknown field that is spelled like one of ours in Python stays what it is.
            return cls.model_validate(body, by_alias=True, by_name=False)
        except ValidationError as error:
            problems = [(_path(item["loc"]), _advice(item)) for item in error.errors(include_input=True)]
            lines = "; ".join(f"{field}: {advice}" for field, advice in problems)
            raise InvalidCall(f"This is not a call that Graph would understand. {lines}", problems=problems) from None

    def __repr__(self) -> str:
        who = ", ".join(target.label or "?" for target in self.targets or []) or (
            "a meeting" if self.meeting_info else "nobody yet"
        )
        state = f", {self.state}" if self.state else ""
        return f"<Call {self.subject or '(no subject)'!r} to {who}{state}>"

    def _repr_html_(self) -> str:
        from html import escape

        body = json.dumps(self.to_json_dict(), indent=2, ensure_ascii=False)
        return f"<details open><summary>{escape(repr(self))}</summary><pre>{escape(body)}</pre></details>"


def _json_kind(value: object) -> str:
    names = {
        dict: "an object",
        list: "an array",
        str: "a text",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return "null" if value is None else names.get(type(value), type(value).__name__)


_EXPECTED = {
    "string_type": "a text in double quotes",
    "int_type": "a whole number without quotes",
    "bool_type": "true or false without quotes",
    "list_type": "an array in square brackets",
    "model_type": "an object in braces",
    "model_attributes_type": "an object in braces",
}


def _advice(item: Any) -> str:
    expected = _EXPECTED.get(item["type"])
    return f"expected {expected}, found {_json_kind(item['input'])}." if expected else f"{item['msg']}."


def _path(location: tuple[int | str, ...]) -> str:
    """``("targets", 0, "identity")`` as ``targets[0].identity``; pydantic's union tags are no part of it."""
    parts = [part for part in location if isinstance(part, int) or not (part == "base" or part[:1].isupper())]
    parts = [part for part in parts if not (isinstance(part, str) and "[" in part)]
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return text.removeprefix(".") or "call"
