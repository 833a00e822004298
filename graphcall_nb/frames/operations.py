"""One row per operation: its request and its result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from ..graph.json_fields import get_object, parse_object, read_text
from ..graph.notifications import read_result
from ..graph.results import in_words
from ..journal.records import RequestRecord
from .columns import (
    CategoryColumn,
    KeyedTable,
    NullableDurationColumn,
    NullableIntColumn,
    NullableTimeColumn,
    TextColumn,
)
from .notifications import Notifications
from .requests import compute_answer_time, is_success

STATUSES = ("notStarted", "running", "completed", "failed")
_SPELLINGS = {status.lower(): status for status in STATUSES}
_REQUEST_NAMES = {"record": "recordResponse"}
"""Kinds of operation whose type differs from the name of the request."""

_FINAL = ("completed", "failed")
Result: TypeAlias = tuple[int | None, int | None, str | None]
NO_RESULT: Result = (None, None, None)


@dataclass(slots=True)
class OperationState:
    """An operation after all updates so far. The order and number of updates do not change the outcome."""

    requested_at: int | None = None
    request_name: str | None = None
    first_update_at: int | None = None
    type: str | None = None
    client_context: str | None = None
    status: str | None = None
    status_key: tuple[int, int, int] = (-1, 0, 0)
    ended_at: int | None = None
    result: Result = NO_RESULT
    result_key: tuple[int, int, int] = (-1, 0, 0)

    @property
    def started_at(self) -> int | None:
        return self.first_update_at if self.requested_at is None else self.requested_at

    @property
    def kind(self) -> str | None:
        return self.request_name or self.type

    def update(self, at_us: int, order: tuple[int, int], body: dict[str, Any], *, is_deleted: bool) -> None:
        """Add one description of the operation; a deleted operation has ended."""
        result = read_result(body)
        self.first_update_at = at_us if self.first_update_at is None else min(self.first_update_at, at_us)
        self.type = self.type or _read_type(body)
        self.client_context = self.client_context or read_text(body.get("clientContext"))
        status = _read_status(body, result, is_deleted)
        is_final = is_deleted or status in _FINAL
        # The first report of the end counts; of the reports before it, the last.
        key = (1, -at_us, -order[1]) if is_final else (0, at_us, order[1])
        if status and key > self.status_key:
            self.status, self.status_key = status, key
        if result != NO_RESULT and key > self.result_key:
            self.result, self.result_key = result, key
        if is_final:
            self.ended_at = at_us if self.ended_at is None else min(self.ended_at, at_us)


class Operations:
    """The operations of all calls; new updates are read when a frame is made, at a cost in proportion to them."""

    def __init__(self, notifications: Notifications) -> None:
        self._notifications = notifications
        self._read_rows = 0
        self._requests: list[RequestRecord] = []
        self._operations: dict[tuple[str, str], OperationState] = {}
        self._changed: dict[tuple[str, str], None] = {}
        self._started_at = NullableTimeColumn()
        self._table = KeyedTable(
            {
                "call_id": TextColumn(),
                "kind": CategoryColumn(()),
                "status": CategoryColumn(STATUSES),
                "result": TextColumn(),
                "started_at": self._started_at,
                "ended_at": NullableTimeColumn(),
                "duration": NullableDurationColumn(),
                "result_code": NullableIntColumn(),
                "result_subcode": NullableIntColumn(),
                "client_context": TextColumn(),
                "operation_id": TextColumn(),
            }
        )

    def add_requests(self, requests: Iterable[RequestRecord]) -> None:
        """Add requests; only those that can have started an operation are kept."""
        self._requests += [one for one in requests if one.call_id and is_success(one) and one.method == "POST"]

    def _process_new(self) -> None:
        for record in self._notifications.read_records(("operation",), self._read_rows):
            body = get_object(parse_object(record.raw), "resourceData")
            id_ = record.resource.partition("?")[0].rstrip("/").rpartition("/")[2]
            operation = self._get_operation(record.call_id, id_)
            operation.update(record.received_at_us, (0, record.seq), body, is_deleted=record.change_type == "deleted")
        for request in self._requests:
            self._add_response(request)
        self._read_rows, self._requests = len(self._notifications), []

    def _add_response(self, request: RequestRecord) -> None:
        response = parse_object(request.response_body)
        id_ = read_text(response.get("id"))
        if request.call_id and id_ and _is_operation(response):
            operation = self._get_operation(request.call_id, id_)
            operation.requested_at, operation.request_name = request.sent_at_us, request.operation
            sent = parse_object(request.request_body)
            body = {"clientContext": sent.get("clientContext")} | response
            operation.update(compute_answer_time(request), (1, request.seq), body, is_deleted=False)

    def _get_operation(self, call_id: str, id_: str) -> OperationState:
        self._changed[call_id, id_] = None
        return self._operations.setdefault((call_id, id_), OperationState())

    def to_frame(self) -> pd.DataFrame:
        """Return the frame of :meth:`.Frames.operations`."""
        self._process_new()
        self._table.write({key: _make_row(key, self._operations[key]) for key in self._changed})
        self._changed = {}
        order = np.argsort(self._started_at.array, kind="stable")
        return self._table.to_frame().iloc[order].reset_index(drop=True)


def _make_row(key: tuple[str, str], operation: OperationState) -> tuple[Any, ...]:
    started, ended = operation.started_at, operation.ended_at
    code, subcode, _ = operation.result
    call_id, operation_id = key
    return (
        call_id,
        operation.kind,
        operation.status,
        in_words(*operation.result),
        started,
        ended,
        # The clocks of two machines may disagree.
        None if started is None or ended is None else max(ended - started, 0),
        code,
        subcode,
        operation.client_context,
        operation_id,
    )


def _read_status(body: dict[str, Any], result: Result, is_deleted: bool) -> str | None:
    """Return the status in Graph's own spelling, in any letter case; some deletions have no status."""
    status = read_text(body.get("status"))
    if status:
        return _SPELLINGS.get(status.lower(), status)
    if not is_deleted:
        return None
    return "failed" if result[0] is not None and result[0] >= 400 else "completed"


def _read_type(body: dict[str, Any]) -> str | None:
    """Return the kind in a type such as ``#microsoft.graph.playPromptOperation``; the type of beta has none."""
    name = (read_text(body.get("@odata.type")) or "").rpartition(".")[2].removesuffix("Operation")
    return None if name in ("", "comms") else _REQUEST_NAMES.get(name, name)


def _is_operation(response: dict[str, Any]) -> bool:
    return (read_text(response.get("@odata.type")) or "").endswith("Operation") or "status" in response
