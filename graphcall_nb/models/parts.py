"""Who, with which media, in which meeting: what calls are put together from."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, Tag

from .base import Code, Flag, Resource, Text, by_type


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
        named: dict[str, Any] = {kind: Identity(id=id, **identity)}
        return cls(identity=IdentitySet(**named))

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
    blob: Text | None = Field(default=None, repr=False)


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
    token: Text | None = Field(default=None, repr=False)


class JoinMeetingIdMeetingInfo(MeetingInfo):
    """A meeting known by the number that stands in its invitation."""

    type_name = "#microsoft.graph.joinMeetingIdMeetingInfo"
    join_meeting_id: Text | None = None
    passcode: Text | None = Field(default=None, repr=False)


class ChatInfo(Resource):
    """The chat thread behind a meeting."""

    thread_id: Text | None = None
    message_id: Text | None = None
    reply_chain_message_id: Text | None = None


class ResultInfo(Resource):
    """How something ended. Numbers on v1.0, texts on beta, where ``subcode`` is spelled ``subCode``.

    >>> ResultInfo.from_json_dict({"code": "200", "subCode": "transferAccepted"}).subcode
    'transferAccepted'
    """

    code: Code | None = None
    subcode: Code | None = None
    message: Text | None = None

    def model_post_init(self, context: Any) -> None:
        super().model_post_init(context)
        # To be read under one name, and written under the one it came with.
        other = (self.__pydantic_extra__ or {}).get("subCode")
        if self.subcode is None and isinstance(other, int | str):
            self.__dict__["subcode"] = other


AnyMediaConfig = Annotated[
    Annotated[ServiceHostedMediaConfig, Tag("ServiceHostedMediaConfig")]
    | Annotated[AppHostedMediaConfig, Tag("AppHostedMediaConfig")]
    | Annotated[NoMediaConfig, Tag("NoMediaConfig")]
    | Annotated[MediaConfig, Tag("base")],
    by_type(ServiceHostedMediaConfig, AppHostedMediaConfig, NoMediaConfig),
]
AnyMeetingInfo = Annotated[
    Annotated[OrganizerMeetingInfo, Tag("OrganizerMeetingInfo")]
    | Annotated[TokenMeetingInfo, Tag("TokenMeetingInfo")]
    | Annotated[JoinMeetingIdMeetingInfo, Tag("JoinMeetingIdMeetingInfo")]
    | Annotated[MeetingInfo, Tag("base")],
    by_type(OrganizerMeetingInfo, TokenMeetingInfo, JoinMeetingIdMeetingInfo),
]
