"""What can be asked of a call that there is, as data: permission, and whether asking twice does harm.

The names are those under which :mod:`graphcall_nb.callstates` says what a state allows. Permissions are those of
Graph's action pages; Graph checks most of them when the call is created, and not again.
"""

from __future__ import annotations

from dataclasses import dataclass

CALLING = "Calls.Initiate.All or Calls.AccessMedia.All"
JOINING = "Calls.JoinGroupCall.All or Calls.JoinGroupCallAsGuest.All"


@dataclass(frozen=True)
class Action:
    """One operation; ``repeatable`` says whether sending it twice does no more than sending it once."""

    permission: str = CALLING
    method: str = "POST"
    repeatable: bool = False


ACTIONS: dict[str, Action] = {
    "answer": Action(JOINING),
    "reject": Action("any permission of calling"),
    "redirect": Action("Calls.Initiate.All"),
    "transfer": Action("Calls.Initiate.All"),
    "playPrompt": Action(),
    "recordResponse": Action("Calls.AccessMedia.All"),
    "cancelMediaProcessing": Action(repeatable=True),
    "subscribeToTone": Action("Calls.AccessMedia.All", repeatable=True),
    "sendDtmfTones": Action(),
    "mute": Action(repeatable=True),
    "unmute": Action(repeatable=True),
    "keepAlive": Action(repeatable=True),
    "changeScreenSharingRole": Action("Calls.AccessMedia.All", repeatable=True),
    "updateRecordingStatus": Action("Calls.JoinGroupCall.All or Calls.AccessMedia.All", repeatable=True),
    "listParticipants": Action(method="GET", repeatable=True),
    "getParticipant": Action(JOINING, method="GET", repeatable=True),
    "inviteParticipants": Action("Calls.InitiateGroupCall.All"),
    "muteParticipant": Action(JOINING, repeatable=True),
    "muteAll": Action(JOINING, repeatable=True),
    "removeParticipant": Action(JOINING, method="DELETE", repeatable=True),
}
