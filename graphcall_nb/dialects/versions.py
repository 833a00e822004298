"""The versions of the API, each a value."""

from __future__ import annotations

from ..slips import known
from .limits import LIMITS, NEWER_LIMITS
from .shapes import Shape
from .spelling import Dialect

_ANNOTATIONS = frozenset({"@odata.context", "@odata.etag", "@odata.id"})

# Marked "Server generated" on the page of the call resource, or read-only there.
_GENERATED = _ANNOTATIONS | {
    "activeModalities",
    "answeredBy",
    "callRoutes",
    "direction",
    "id",
    "myParticipantId",
    "resultInfo",
    "state",
    "terminationReason",
    "toneInfo",
}

# Below the path of the call; what both versions spell alike.
_OPERATIONS = {
    "answer": "/answer",
    "reject": "/reject",
    "redirect": "/redirect",
    "transfer": "/transfer",
    "playPrompt": "/playPrompt",
    "recordResponse": "/recordResponse",
    "cancelMediaProcessing": "/cancelMediaProcessing",
    "subscribeToTone": "/subscribeToTone",
    "sendDtmfTones": "/sendDtmfTones",
    "mute": "/mute",
    "unmute": "/unmute",
    "keepAlive": "/keepAlive",
    "changeScreenSharingRole": "/changeScreenSharingRole",
    "updateRecordingStatus": "/updateRecordingStatus",
    "listParticipants": "/participants",
    "getParticipant": "/participants/{participant_id}",
    "inviteParticipants": "/participants/invite",
    "muteParticipant": "/participants/{participant_id}/mute",
    "removeParticipant": "/participants/{participant_id}",
}

_NEWER_INVITATION = frozenset({"countryCode", "hidden", "participantId", "removeFromDefaultAudioRoutingGroup"})
_OLD_INVITATION = Shape(left_out=_NEWER_INVITATION)

BETA = Dialect(
    name="beta",
    calls="/app/calls",
    calls_of_application="/applications/{id}/calls",
    server_generated=_GENERATED,
    operations=_OPERATIONS | {"recordResponse": "/record", "muteAll": "/participants/muteAll"},
    limits=LIMITS,
    bodies={
        "answer": Shape(left_out=frozenset({"participantCapacity"})),
        "reject": Shape(left_out=frozenset({"callbackUri"})),
        "redirect": Shape(left_out=frozenset({"callbackUri"}), members={"targets": _OLD_INVITATION}),
        "transfer": Shape(left_out=frozenset({"transferee"}), members={"transferTarget": _OLD_INVITATION}),
        "inviteParticipants": Shape(members={"participants": _OLD_INVITATION}),
    },
)
"""Beta as the page *Create call* of 2018 has it."""

_IDENTITY_SET = Shape("identitySet", others=Shape("identity"))
_PARTICIPANT = Shape("participantInfo", members={"identity": _IDENTITY_SET})
_INVITATION = Shape(
    "invitationParticipantInfo",
    # Published requests still send endpointType, which the metadata no longer names; so it may be sent.
    left_out=frozenset({"countryCode", "languageId", "region"}),
    members={"identity": _IDENTITY_SET},
)
_MEDIA_CONFIG = Shape(
    left_out=frozenset({"removeFromDefaultAudioGroup"}), members={"preFetchMedia": Shape("mediaInfo")}
)
_PROMPT = Shape(left_out=frozenset({"loop"}), members={"mediaInfo": Shape("mediaInfo")})

V1 = Dialect(
    name="v1.0",
    calls="/communications/calls",
    calls_of_application=None,
    server_generated=_GENERATED | {"callChainId", "incomingContext", "mediaState", "transcription"},
    unknown=frozenset({"meetingCapability", "ringingTimeoutInSeconds", "routingPolicies"}),
    phone_caller="applicationInstance",
    media_needed=True,
    media_configs=("serviceHostedMediaConfig", "appHostedMediaConfig"),
    most_targets=5,
    rings_at_once=False,
    call=Shape(
        "call",
        members={
            "source": _PARTICIPANT,
            "targets": _INVITATION,
            "mediaConfig": _MEDIA_CONFIG,
            "chatInfo": Shape("chatInfo"),
            "meetingInfo": Shape(members={"organizer": _IDENTITY_SET}),
            "callOptions": Shape("outgoingCallOptions"),
        },
    ),
    operations=_OPERATIONS,
    limits=NEWER_LIMITS,
    bodies={
        "answer": Shape(members={"mediaConfig": _MEDIA_CONFIG, "callOptions": Shape("incomingCallOptions")}),
        "redirect": Shape(
            left_out=frozenset({"maskCallee", "maskCaller", "targetDisposition"}), members={"targets": _INVITATION}
        ),
        "transfer": Shape(members={"transferTarget": _INVITATION, "transferee": _PARTICIPANT}),
        "playPrompt": Shape(left_out=frozenset({"loop"}), members={"prompts": _PROMPT}),
        "recordResponse": Shape(left_out=frozenset({"streamWhileRecording"}), members={"prompts": _PROMPT}),
        "cancelMediaProcessing": Shape(left_out=frozenset({"all"})),
        "inviteParticipants": Shape(members={"participants": _INVITATION}),
    },
)
"""v1.0, the version that Microsoft supports."""

DIALECTS: dict[str, Dialect] = {dialect.name: dialect for dialect in (BETA, V1)}

DEFAULT = BETA.name
"""What is spoken where nobody says: that of the document whose calls the templates are."""

PRODUCTION = V1.name
"""What a real tenant is spoken to in where nobody says."""


def get_dialect(dialect: str | Dialect) -> Dialect:
    """A dialect by its name.

    Raises
    ------
    ValueError
        When there is none of that name; the message lists those there are.
    """
    if isinstance(dialect, Dialect):
        return dialect
    return DIALECTS[known("dialect", dialect, DIALECTS)]


def dialect_of_url(url: str) -> Dialect:
    """The dialect in which a request was sent to this address; the default one when it says none."""
    return next((dialect for name, dialect in DIALECTS.items() if f"/{name}/" in url), DIALECTS[DEFAULT])
