"""What can be asked of a call over HTTP, as data: where, with what, and how it is answered.

The name of an operation is the one by which :data:`graphcall_nb.graph.states.ACTIONS` says in which states it makes
sense; the members of its body, their limits and the answers are those of Microsoft's pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from .members import CONTEXT, MEDIA, Member

INITIATE = ("Calls.Initiate.All",)
ANY_MEDIA = ("Calls.Initiate.All", "Calls.AccessMedia.All")
ACCESS_MEDIA = ("Calls.AccessMedia.All",)
INITIATE_GROUP = ("Calls.InitiateGroupCall.All",)
JOIN = ("Calls.JoinGroupCall.All", "Calls.JoinGroupCallAsGuest.All")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation.

    Attributes
    ----------
    path : below the call; ``{participant}`` stands for the id of one
    status : of the answer
    makes : type of the operation in the answer, without its namespace; ``None`` answers without a body
    ends : ``"later"`` is told by a notification, ``"now"`` is said in the answer already
    located : whether the answer has the operation's address in ``Location``
    members : what the body may hold
    needs : permissions, of which one is enough; by Microsoft's note they are checked when a call is created, so they
        are checked here for a simulator that is ``strict`` only
    group_only : whether the pages know it for group calls only; refused elsewhere by a ``strict`` simulator
    hosted : the type of media the call must not have
    """

    name: str
    path: str
    method: str = "POST"
    status: int = 200
    makes: str | None = None
    ends: Literal["later", "now"] = "now"
    located: bool = True
    members: tuple[Member, ...] = ()
    needs: tuple[str, ...] = ANY_MEDIA
    group_only: bool = False
    service_hosted: bool = False


_PROMPT_KINDS = ("mediaPrompt",)
_ALL_PROMPT_KINDS = ("mediaPrompt", "textPrompt", "silencePrompt", "dtmfPrompt")
_STATUSES = ("unknown", "notRecording", "recording", "failed")
TONES = (*(f"tone{n}" for n in range(10)), "star", "pound", "a", "b", "c", "d", "flash")

_RECORDING = (
    Member("prompts", "prompts", most=1, one_of=_PROMPT_KINDS),
    Member("bargeInAllowed", "flag"),
    Member("initialSilenceTimeoutInSeconds", "number", low=1, high=120),
    Member("maxSilenceTimeoutInSeconds", "number", low=1, high=120),
    Member("maxRecordDurationInSeconds", "number", low=1, high=120),
    Member("playBeep", "flag"),
    Member("stopTones", "texts"),
    CONTEXT,
)

V1_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="answer",
        path="answer",
        status=202,
        members=(
            Member("callbackUri", "address"),
            MEDIA,
            Member("acceptedModalities", "texts"),
            Member("participantCapacity", "number", low=1),
            Member("callOptions", "object"),
        ),
        needs=(),
    ),
    Operation(
        name="reject",
        path="reject",
        status=202,
        members=(Member("reason", "text", one_of=("none", "busy", "forbidden")), Member("callbackUri", "address")),
        needs=(),
    ),
    Operation(
        name="redirect",
        path="redirect",
        status=202,
        members=(
            Member("targets", "people", needed=True, most=25),
            Member("timeout", "number", low=15, high=90),
            Member("callbackUri", "address"),
        ),
        needs=INITIATE,
    ),
    Operation(
        name="transfer",
        path="transfer",
        status=202,
        members=(Member("transferTarget", "person", needed=True), Member("transferee", "object"), CONTEXT),
        needs=INITIATE,
    ),
    Operation(
        name="playPrompt",
        path="playPrompt",
        makes="playPromptOperation",
        ends="later",
        members=(Member("prompts", "prompts", needed=True, most=20, one_of=_PROMPT_KINDS), CONTEXT),
        service_hosted=True,
    ),
    Operation(
        name="recordResponse",
        path="recordResponse",
        makes="recordOperation",
        ends="later",
        members=_RECORDING,
        needs=ACCESS_MEDIA,
        service_hosted=True,
    ),
    Operation(
        name="cancelMediaProcessing",
        path="cancelMediaProcessing",
        makes="cancelMediaProcessingOperation",
        members=(CONTEXT,),
    ),
    Operation(
        name="subscribeToTone",
        path="subscribeToTone",
        makes="subscribeToToneOperation",
        members=(CONTEXT,),
        needs=ACCESS_MEDIA,
        service_hosted=True,
    ),
    Operation(
        name="sendDtmfTones",
        path="sendDtmfTones",
        makes="sendDtmfTonesOperation",
        ends="later",
        members=(
            Member("tones", "texts", needed=True, one_of=TONES),
            Member("delayBetweenTonesMs", "number", low=0),
            CONTEXT,
        ),
    ),
    Operation(name="mute", path="mute", makes="muteParticipantOperation", members=(CONTEXT,), group_only=True),
    Operation(name="unmute", path="unmute", makes="unmuteParticipantOperation", members=(CONTEXT,), group_only=True),
    Operation(name="keepAlive", path="keepAlive"),
    Operation(
        name="changeScreenSharingRole",
        path="changeScreenSharingRole",
        status=202,
        members=(Member("role", "text", needed=True, one_of=("viewer", "sharer")),),
        needs=ACCESS_MEDIA,
        group_only=True,
    ),
    Operation(
        name="updateRecordingStatus",
        path="updateRecordingStatus",
        makes="updateRecordingStatusOperation",
        members=(Member("status", "text", needed=True, one_of=_STATUSES), CONTEXT),
        needs=(*JOIN, "Calls.AccessMedia.All"),
    ),
    Operation(
        name="addLargeGalleryView",
        path="addLargeGalleryView",
        status=202,
        makes="addLargeGalleryViewOperation",
        ends="later",
        members=(CONTEXT,),
        needs=(*JOIN, *INITIATE_GROUP),
        group_only=True,
    ),
    Operation(
        name="inviteParticipants",
        path="participants/invite",
        makes="inviteParticipantsOperation",
        ends="later",
        members=(Member("participants", "people", needed=True, most=5), CONTEXT),
        needs=INITIATE_GROUP,
        group_only=True,
    ),
    Operation(
        name="muteParticipant",
        path="participants/{participant}/mute",
        makes="muteParticipantOperation",
        members=(CONTEXT,),
        needs=JOIN,
        group_only=True,
    ),
    Operation(
        name="removeParticipant",
        path="participants/{participant}",
        method="DELETE",
        status=204,
        needs=JOIN,
    ),
    Operation(
        name="startHoldMusic",
        path="participants/{participant}/startHoldMusic",
        status=202,
        makes="startHoldMusicOperation",
        ends="later",
        members=(Member("customPrompt", "object"), CONTEXT),
        needs=JOIN,
        group_only=True,
    ),
    Operation(
        name="stopHoldMusic",
        path="participants/{participant}/stopHoldMusic",
        status=202,
        makes="stopHoldMusicOperation",
        ends="later",
        members=(CONTEXT,),
        needs=JOIN,
        group_only=True,
    ),
)

_MUTE_ALL = Operation(
    name="muteAll",
    path="participants/muteAll",
    makes="muteParticipantsOperation",
    members=(Member("participants", "texts"), CONTEXT),
    needs=JOIN,
    group_only=True,
)
_CONFIGURE_MIXER = Operation(
    name="configureMixer",
    path="participants/configureMixer",
    makes="commsOperation",
    members=(Member("participantMixerLevels", "objects", needed=True), CONTEXT),
    needs=JOIN,
    group_only=True,
)
_RECORD = Operation(
    name="record",
    path="record",
    makes="recordOperation",
    ends="later",
    members=(replace(_RECORDING[0], one_of=_ALL_PROMPT_KINDS), *_RECORDING[1:]),
    service_hosted=True,
)


def _changed(operations: tuple[Operation, ...], **changes: Mapping[str, object]) -> tuple[Operation, ...]:
    """The operations with some members of some of them changed."""
    return tuple(replace(each, **changes.get(each.name, {})) for each in operations)  # type: ignore[arg-type]


_ANY_PROMPTS = (Member("prompts", "prompts", needed=True, most=20, one_of=_ALL_PROMPT_KINDS), CONTEXT)

BETA_NOW_OPERATIONS: tuple[Operation, ...] = (
    *_changed(V1_OPERATIONS, playPrompt={"members": _ANY_PROMPTS}),
    _RECORD,
    _MUTE_ALL,
    _CONFIGURE_MIXER,
)
"""What today's beta adds: record (the older name of recordResponse), other prompts, muteAll, configureMixer."""

_LOOSE = tuple(replace(member, low=None, high=None, most=None) for member in _RECORD.members)
_PLAIN = {"makes": "commsOperation", "located": False}

BETA_OPERATIONS: tuple[Operation, ...] = (
    *_changed(
        BETA_NOW_OPERATIONS,
        answer={"status": 200, "members": (replace(MEDIA, needed=False), Member("acceptedModalities", "texts"))},
        reject={"status": 200, "members": (Member("reason", "text"),)},
        redirect={"status": 200, "members": (Member("targets", "people", needed=True, most=25),)},
        transfer={**_PLAIN, "status": 200, "ends": "later"},
        playPrompt={"located": True},
        record={"members": _LOOSE},
        cancelMediaProcessing={**_PLAIN, "ends": "later"},
        subscribeToTone={**_PLAIN, "ends": "later"},
        mute=_PLAIN,
        unmute=_PLAIN,
        changeScreenSharingRole={"status": 200},
        inviteParticipants=_PLAIN,
        muteParticipant=_PLAIN,
        muteAll=_PLAIN,
        configureMixer=_PLAIN,
    ),
    Operation(
        name="updateMetadata",
        path="updateMetadata",
        members=(Member("metadata", "text"), CONTEXT),
        makes="commsOperation",
        located=False,
    ),
    replace(_MUTE_ALL, path="participants/mute", makes="commsOperation"),
)
"""The beta of 2018, with what beta got since: its path is still served as an alias of today's."""
