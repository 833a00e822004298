"""What can be asked of a call that there is, as data: permission, limits, and whether asking twice does harm.

The names are those under which :mod:`graphcall_nb.callstates` says what a state allows. Permissions and limits are
those of Graph's action pages; Graph checks most permissions when the call is created, and not again.
"""

from __future__ import annotations

from dataclasses import dataclass

from .limits import Limit, between, most, needed, one_of, people

TONES: tuple[str, ...] = (*(f"tone{digit}" for digit in range(10)), "star", "pound", "a", "b", "c", "d", "flash")
"""The keys of a telephone by Graph's names."""

CALLING = "Calls.Initiate.All or Calls.AccessMedia.All"
JOINING = "Calls.JoinGroupCall.All or Calls.JoinGroupCallAsGuest.All"

_CONTEXT = most("clientContext", 256, "characters")
_SECONDS = (
    between("initialSilenceTimeoutInSeconds", 1, 120),
    between("maxSilenceTimeoutInSeconds", 1, 120),
    between("maxRecordDurationInSeconds", 1, 120),
)


@dataclass(frozen=True)
class Action:
    """One operation; ``repeatable`` says whether sending it twice does no more than sending it once."""

    permission: str = CALLING
    method: str = "POST"
    repeatable: bool = False
    limits: tuple[Limit, ...] = (_CONTEXT,)


ACTIONS: dict[str, Action] = {
    "answer": Action(JOINING, limits=(needed("callbackUri", "give the address for the call's notifications"),)),
    "reject": Action("none for most calls", limits=(one_of("reason", "none", "busy", "forbidden"),)),
    "redirect": Action(
        "Calls.Initiate.All",
        limits=(
            needed("targets", "say where the call shall go"),
            most("targets", 25, "targets"),
            people("targets"),
            between("timeout", 15, 90),
        ),
    ),
    "transfer": Action(
        "Calls.Initiate.All",
        limits=(needed("transferTarget", "say to whom"), people("transferTarget"), people("transferee"), _CONTEXT),
    ),
    "playPrompt": Action(
        limits=(needed("prompts", "give at least one sound"), most("prompts", 20, "prompts"), _CONTEXT)
    ),
    "recordResponse": Action("Calls.AccessMedia.All", limits=(most("prompts", 1, "prompts"), *_SECONDS, _CONTEXT)),
    "cancelMediaProcessing": Action(repeatable=True),
    "subscribeToTone": Action("Calls.AccessMedia.All", repeatable=True),
    "sendDtmfTones": Action(
        limits=(
            needed("tones", "give at least one key"),
            one_of("tones", *TONES),
            between("delayBetweenTonesMs", 0, 2**31 - 1, "milliseconds"),
            _CONTEXT,
        )
    ),
    "mute": Action(repeatable=True),
    "unmute": Action(repeatable=True),
    "keepAlive": Action(repeatable=True),
    "changeScreenSharingRole": Action(
        "Calls.AccessMedia.All", repeatable=True, limits=(one_of("role", "viewer", "sharer"),)
    ),
    "updateRecordingStatus": Action(
        "Calls.JoinGroupCall.All or Calls.AccessMedia.All",
        repeatable=True,
        limits=(one_of("status", "unknown", "notRecording", "recording", "failed"), _CONTEXT),
    ),
    "listParticipants": Action(method="GET", repeatable=True),
    "getParticipant": Action(JOINING, method="GET", repeatable=True),
    "inviteParticipants": Action(
        "Calls.InitiateGroupCall.All",
        limits=(
            needed("participants", "say who shall come"),
            most("participants", 5, "participants"),
            people("participants"),
            _CONTEXT,
        ),
    ),
    "muteParticipant": Action(JOINING, repeatable=True),
    "muteAll": Action(JOINING, repeatable=True),
    "removeParticipant": Action(JOINING, method="DELETE", repeatable=True),
}
