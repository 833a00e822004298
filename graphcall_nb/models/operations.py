"""What Graph says of work under way: its ``commsOperation`` and those derived from it."""

from __future__ import annotations

from pydantic import Field

from .base import Resource, Text
from .parts import ParticipantInfo, ResultInfo
from .prompts import AnyPrompt


class Operation(Resource):
    """Work that a call is doing or has done: a prompt, a recording, an invitation, …

    Attributes
    ----------
    id : Graph's id of the operation
    status : ``notStarted``, ``running``, ``completed`` or ``failed``; Graph's pages write it in either letter case
    client_context : the text that was given with the request, to know the operation by
    result_info : how it ended
    completion_reason : why it ended (beta, and ``sendDtmfTones``)
    recording_location : where a recording can be fetched, with ``recording_access_token``, shortly after it ended;
        beta names it ``record_resource_location`` and gives no token

    Examples
    --------
    >>> Operation.from_json_dict({"id": "0FE0", "status": "Completed"}).done
    True
    """

    id: Text | None = None
    status: Text | None = None
    client_context: Text | None = None
    result_info: ResultInfo | None = None
    created_date_time: Text | None = None
    last_action_date_time: Text | None = None
    completion_reason: Text | None = None
    prompts: list[AnyPrompt] | None = None
    participants: list[ParticipantInfo] | None = None
    recording_location: Text | None = None
    record_resource_location: Text | None = None
    recording_access_token: Text | None = Field(default=None, repr=False)

    @property
    def done(self) -> bool:
        """Whether it has ended; no notification follows then."""
        return (self.status or "").lower() in ("completed", "failed")

    @property
    def failed(self) -> bool:
        return (self.status or "").lower() == "failed"

    def __repr__(self) -> str:
        kind = (self.odata_type or "commsOperation").rpartition(".")[2]
        result = self.result_info
        why = f", {result.code}/{result.subcode} {result.message or ''}".rstrip() if result else ""
        return f"<Operation {kind} {self.id}: {self.status}{why}>"

    __str__ = __repr__
