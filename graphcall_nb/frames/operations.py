"""One row per operation: what was asked of a call beside its placing, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..dialects.notifications import read_result
from ..results import in_words
from .columns import Categories, MaybeDurations, MaybeNumbers, MaybeTimes, Table, Texts
from .notifications import Notifications
from .rows import Asked, json_object, text

STATUSES = ("notStarted", "running", "completed", "failed")
_SPELLED = {status.lower(): status for status in STATUSES}
_ASKED_AS = {"record": "recordResponse"}
"""Kinds of operation whose type is named otherwise than what is asked for."""

_FINAL = ("completed", "failed")
Result = tuple[int | None, int | None, str | None]
NO_RESULT: Result = (None, None, None)


@dataclass(slots=True)
class Operation:
    """An operation as far as is known. News of it may come in any order and number: the outcome is the same."""

    asked_at: int | None = None
    asked_as: str | None = None
    heard_at: int | None = None
    type: str | None = None
    client_context: str | None = None
    status: str | None = None
    status_key: tuple[int, int, int] = (-1, 0, 0)
    ended_at: int | None = None
    result: Result = NO_RESULT
    result_key: tuple[int, int, int] = (-1, 0, 0)

    @property
    def started_at(self) -> int | None:
        return self.heard_at if self.asked_at is None else self.asked_at

    @property
    def kind(self) -> str | None:
        return self.asked_as or self.type

    def hear(self, at: int, order: tuple[int, int], body: dict[str, Any], *, over: bool) -> None:
        """Take one description of the operation; ``over`` says that it is the last one."""
        result = read_result(body)
        self.heard_at = at if self.heard_at is None else min(self.heard_at, at)
        self.type = self.type or _type(body)
        self.client_context = self.client_context or text(body.get("clientContext"))
        status = _status(body, result, over)
        final = over or status in _FINAL
        # The first word of the end counts, the last one of anything before.
        key = (1, -at, -order[1]) if final else (0, at, order[1])
        if status and key > self.status_key:
            self.status, self.status_key = status, key
        if result != NO_RESULT and key > self.result_key:
            self.result, self.result_key = result, key
        if final:
            self.ended_at = at if self.ended_at is None else min(self.ended_at, at)


class Operations:
    """Looks at what is new about operations when somebody asks; the cost goes with that, whatever is there already."""

    def __init__(self, found: Notifications) -> None:
        self._found = found
        self._seen = 0
        self._requests: list[Asked] = []
        self._operations: dict[tuple[str, str], Operation] = {}
        self._news: dict[tuple[str, str], None] = {}
        self._started = MaybeTimes()
        self._table = Table(
            {
                "call_id": Texts(),
                "operation_id": Texts(),
                "kind": Categories(()),
                "client_context": Texts(),
                "status": Categories(STATUSES),
                "started_at": self._started,
                "ended_at": MaybeTimes(),
                "duration": MaybeDurations(),
                "result_code": MaybeNumbers(),
                "result_subcode": MaybeNumbers(),
                "result": Texts(),
            }
        )

    def take_requests(self, requests: Iterable[Asked]) -> None:
        self._requests += [one for one in requests if one.call_id and one.succeeded and one.method == "POST"]

    def _look(self) -> None:
        for told in self._found.told_of(("operation",), self._seen):
            data = json_object(told.raw).get("resourceData")
            body = data if isinstance(data, dict) else {}
            id_ = told.resource.partition("?")[0].rstrip("/").rpartition("/")[2]
            over = told.change_type == "deleted"
            self._of(told.call_id, id_).hear(told.at, (0, told.seq), body, over=over)
        for request in self._requests:
            self._hear_answer(request)
        self._seen, self._requests = len(self._found), []

    def _hear_answer(self, request: Asked) -> None:
        answer = json_object(request.response_body)
        id_ = text(answer.get("id"))
        if request.call_id and id_ and _is_operation(answer):
            operation = self._of(request.call_id, id_)
            operation.asked_at, operation.asked_as = request.sent_at, request.operation
            sent = json_object(request.request_body)
            body = {"clientContext": sent.get("clientContext")} | answer
            operation.hear(request.answered_at, (1, request.seq), body, over=False)

    def _of(self, call_id: str, id_: str) -> Operation:
        self._news[call_id, id_] = None
        return self._operations.setdefault((call_id, id_), Operation())

    def frame(self) -> pd.DataFrame:
        self._look()
        self._table.write({key: _row(key, self._operations[key]) for key in self._news})
        self._news = {}
        order = np.argsort(self._started.array, kind="stable")
        return self._table.frame().iloc[order].reset_index(drop=True)


def _row(key: tuple[str, str], operation: Operation) -> tuple[Any, ...]:
    started, ended = operation.started_at, operation.ended_at
    code, subcode, _ = operation.result
    return (
        *key,
        operation.kind,
        operation.client_context,
        operation.status,
        started,
        ended,
        # The clocks of two machines may disagree.
        None if started is None or ended is None else max(ended - started, 0),
        code,
        subcode,
        in_words(*operation.result),
    )


def _status(body: dict[str, Any], result: Result, over: bool) -> str | None:
    """Graph's own spelling of the status, whatever letter case it came in; some ends come with no word about it."""
    said = text(body.get("status"))
    if said:
        return _SPELLED.get(said.lower(), said)
    if not over:
        return None
    return "failed" if result[0] is not None and result[0] >= 400 else "completed"


def _type(body: dict[str, Any]) -> str | None:
    """What kind of operation it is, by its type: ``#microsoft.graph.playPromptOperation``; beta's own says nothing."""
    name = (text(body.get("@odata.type")) or "").rpartition(".")[2].removesuffix("Operation")
    return None if name in ("", "comms") else _ASKED_AS.get(name, name)


def _is_operation(answer: dict[str, Any]) -> bool:
    return (text(answer.get("@odata.type")) or "").endswith("Operation") or "status" in answer
