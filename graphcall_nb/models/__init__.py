"""The models of calls, of what is inside one, and of what is asked of one.

Graph's names in camelCase on the wire, snake_case in Python. A round trip is exact: what Graph adds later (unknown
fields, unknown enum values), explicit nulls and the letter case of ids come back as they went in. Types are checked
strictly, so ``"5"`` is no number and a mistake is named by its field. The names are those of Graph's resource and
action pages, beta and v1.0 together.
"""

from .actions import (
    Answer,
    CancelMediaProcessing,
    ChangeScreenSharingRole,
    Invite,
    MuteAll,
    OperationBody,
    PlayPrompt,
    RecordResponse,
    Redirect,
    Reject,
    SendDtmfTones,
    Transfer,
    UpdateRecordingStatus,
)
from .base import Resource
from .call import Call, CallOptions
from .masking import masked
from .operations import Operation
from .participants import MediaStream, Participant, RecordingInfo
from .parts import (
    AppHostedMediaConfig,
    ChatInfo,
    Identity,
    IdentitySet,
    JoinMeetingIdMeetingInfo,
    MediaConfig,
    MediaInfo,
    MeetingInfo,
    NoMediaConfig,
    OrganizerMeetingInfo,
    ParticipantInfo,
    ResultInfo,
    ServiceHostedMediaConfig,
    TokenMeetingInfo,
)
from .prompts import DtmfPrompt, MediaPrompt, Prompt, SilencePrompt, TextPrompt

__all__ = [
    "Answer",
    "AppHostedMediaConfig",
    "Call",
    "CallOptions",
    "CancelMediaProcessing",
    "ChangeScreenSharingRole",
    "ChatInfo",
    "DtmfPrompt",
    "Identity",
    "IdentitySet",
    "Invite",
    "JoinMeetingIdMeetingInfo",
    "MediaConfig",
    "MediaInfo",
    "MediaPrompt",
    "MediaStream",
    "MeetingInfo",
    "MuteAll",
    "NoMediaConfig",
    "Operation",
    "OperationBody",
    "OrganizerMeetingInfo",
    "Participant",
    "ParticipantInfo",
    "PlayPrompt",
    "Prompt",
    "RecordResponse",
    "RecordingInfo",
    "Redirect",
    "Reject",
    "Resource",
    "ResultInfo",
    "SendDtmfTones",
    "ServiceHostedMediaConfig",
    "SilencePrompt",
    "TextPrompt",
    "TokenMeetingInfo",
    "Transfer",
    "UpdateRecordingStatus",
    "masked",
]
