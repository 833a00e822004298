"""Operations as request parts, response parts as models or errors, and the rule when to ask again. No I/O."""

from ..models import masked
from .actions import ACTIONS
from .answers import (
    Answer,
    read_call,
    read_error,
    read_operation,
    read_participant,
    read_participants,
    read_transfer,
)
from .exchange import Exchange
from .requests import (
    Request,
    action_request,
    create_request,
    delete_request,
    get_request,
    permission_for,
    recording_request,
)
from .retry import LONGEST_PAUSE_SECONDS, TRIES, pause_before_retry, retry_after

__all__ = [
    "ACTIONS",
    "LONGEST_PAUSE_SECONDS",
    "TRIES",
    "Answer",
    "Exchange",
    "Request",
    "action_request",
    "create_request",
    "delete_request",
    "get_request",
    "masked",
    "pause_before_retry",
    "permission_for",
    "read_call",
    "read_error",
    "read_operation",
    "read_participant",
    "read_participants",
    "read_transfer",
    "recording_request",
    "retry_after",
]
