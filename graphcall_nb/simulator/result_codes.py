"""Results of calls and operations as the service reports them: code, subcode, message.

Results of established calls, operations and transfers are on Microsoft's pages of Graph (*Delete call*, *transfer*,
*playPrompt*, *recordResponse*). Results of calls that were declined, busy or unanswered are published for the same
calling service in the documentation of Azure Communication Services.
"""

from __future__ import annotations

from collections.abc import Mapping

from .state_machine import Result


def _make_end(code: int, subcode: int, message: str) -> Result:
    return Result(code, subcode, f"{message} DiagCode: {code}#{subcode}.@")


def make_result(code: int, subcode: int, message: str | None = None) -> Result:
    """Return the published result with these codes, or another one; ``message`` replaces its text."""
    named = next((each for each in NAMED.values() if (each.code, each.subcode) == (code, subcode)), None)
    if message is not None:
        return Result(code, subcode, message)
    return named or _make_end(code, subcode, "The call ended.")


HUNG_UP = _make_end(200, 7000, "Call ended by the application.")
DECLINED = _make_end(487, 10024, "Call was declined by all callee endpoints.")
BUSY = _make_end(486, 8539, "Callee busy.")
NO_ANSWER = _make_end(487, 10004, "No callee endpoint accepted the call in time.")
NO_SIGNAL = _make_end(408, 10057, "The callee gave no signal in time.")
UNREACHABLE = _make_end(480, 10037, "No callee endpoint was found.")
NOT_JOINED = _make_end(200, 5013, "No one else joined the group call.")
CALLEE_HUNG_UP = _make_end(200, 4521, "Call ended by the other party.")
PHONE_HUNG_UP = _make_end(200, 560000, "Call ended by the phone user.")
ALL_LEFT = _make_end(200, 5010, "All others have left the group call.")
REMOVED = _make_end(200, 5300, "Removed by another participant.")
LOBBY_TIMEOUT = _make_end(200, 5855, "The application was not admitted from the lobby in time.")
NO_MEDIA = _make_end(410, 301005, "Media connectivity was lost.")
NOT_KEPT_ALIVE = _make_end(408, 8537, "No keepAlive was received in time.")
MISSED = _make_end(487, 10004, "The application did not answer in time.")
REDIRECTED = _make_end(200, 0, "Call was redirected.")

COMPLETED = Result(200, 0, "Action completed successfully.")
RECORDED = Result(200, 8515, "Action completed, max record duration was reached.")
INITIAL_SILENCE = Result(400, 8509, "Action failed, initial silence timeout reached.")
MAX_SILENCE = Result(200, 8510, "Action completed, max silence timeout reached.")
MEDIA_TIMEOUT = Result(500, 8513, "Media receive timeout.")
STOP_TONE = Result(200, 8514, "Action completed, stop tone detected.")
INVALID_PROMPT = Result(400, 8535, "Action failed, file format is invalid or unsupported.")
PROMPT_NOT_FOUND = Result(400, 8536, "Action failed, file could not be downloaded.")
CANCELED = Result(400, 8508, "Action failed, the operation was cancelled.")
TRANSFERRING = Result(100, "transferring", "The transfer is under way.")
TRANSFER_ACCEPTED = Result(200, "transferAccepted", "The transfer was accepted.")
TRANSFERRED = Result(0, 7015, "GracefulTransferCompleted")
TRANSFER_FAILED = Result(500, 7000, "The transfer failed: the target did not take the call.")
CONSULTATION_FAILED = Result(500, 7700, "The transfer failed: the call to be replaced was not found.")

NAMED: Mapping[str, Result] = {
    "declined": DECLINED,
    "busy": BUSY,
    "no_answer": NO_ANSWER,
    "no_signal": NO_SIGNAL,
    "unreachable": UNREACHABLE,
    "not_joined": NOT_JOINED,
    "callee_hung_up": CALLEE_HUNG_UP,
    "phone_hung_up": PHONE_HUNG_UP,
    "all_left": ALL_LEFT,
    "removed": REMOVED,
    "lobby_timeout": LOBBY_TIMEOUT,
    "no_media": NO_MEDIA,
    "transfer_failed": TRANSFER_FAILED,
    "invalid_prompt": INVALID_PROMPT,
    "prompt_not_found": PROMPT_NOT_FOUND,
}
"""The results that a scenario can name."""
