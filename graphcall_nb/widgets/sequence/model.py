"""The content of a sequence diagram: messages between application, Graph and the other side, in the order of time.

Without widgets, threads or clocks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..._text import bidi_isolate, escape_invisible, json_text, pluralize, show_invisible, truncate
from ...graph.base import redact
from ...graph.history import CallEvent, CallHistory, Classification, read_call_state
from ...graph.message_texts import describe_notification, describe_request, describe_response
from ...graph.states import TERMINAL
from ...journal.records import NotificationRecord, RequestRecord
from ...plots.colors import get_color

APPLICATION, GRAPH, OTHER_SIDE = range(3)
LANES = ("Application", "Graph", "Other side")

MAX_MESSAGES = 200
"""Each message carries its JSON into a saved notebook, so this bounds its size."""

MAX_TEXT_CHARS = 80
MAX_JSON_CHARS = 20_000

_REFUSALS = {603: "declines", 486: "is busy", 480: "no answer", 408: "no answer"}
"""Behavior of the other side by the result code of a call that was never established."""


@dataclass(frozen=True)
class Message:
    """One arrow of the diagram.

    Attributes
    ----------
    key : grows in the order of arrival
    at_us : microseconds since 1970 in UTC
    kind : ``request``, ``answer``, ``notification``, or ``signal`` between Graph and the other side
    sender, receiver : indices of :data:`LANES`
    state : state of the call that a notification reports
    remark : late, duplicate, or without a response
    raw : the body as it was sent
    json : the body with one member per line, without secrets
    """

    key: int
    at_us: int
    call_id: str
    kind: str
    sender: int
    receiver: int
    text: str
    state: str = ""
    remark: str = ""
    raw: str | None = None

    @cached_property
    def json(self) -> str:  # only of messages that are shown: a journal may have many more
        return format_json(self.raw)

    @property
    def order(self) -> tuple[int, int]:
        return self.at_us, self.key

    @property
    def color(self) -> str:
        return get_color(self.state) if self.state else ""

    def __str__(self) -> str:
        remark = f" ({self.remark})" if self.remark else ""
        return f"{LANES[self.sender]} → {LANES[self.receiver]}: {self.text}{remark}"


class SequenceModel:
    """The messages shown, those that wait to be shown, and what changed since the last :meth:`pop_changes`.

    Parameters
    ----------
    base_ms : milliseconds since 1970 (UTC) from which times are counted
    call_id : shows this call alone
    is_recorded : messages wait for :meth:`show_next`
    max_messages : the number of messages kept: the newest ones, of a recording the first ones
    """

    def __init__(
        self,
        base_ms: int,
        *,
        call_id: str | None = None,
        is_recorded: bool = False,
        max_messages: int = MAX_MESSAGES,
    ) -> None:
        self.base_ms = base_ms
        self.dropped = 0
        self._call_id = call_id
        self._is_recorded = is_recorded
        self._max_messages = max_messages
        self._shown: dict[int, Message] = {}
        self._waiting: list[Message] = []  # the next one last
        self._histories: dict[str, CallHistory] = {}
        self._hung_up: set[str] = set()
        self._keys = 0
        self._changed: dict[int, Message] = {}
        self._gone: list[int] = []

    # ---- in

    def feed(self, notifications: Iterable[NotificationRecord], requests: Iterable[RequestRecord] = ()) -> None:
        """Add records, each kind in the order of its ``seq``."""
        added = [message for request in requests for message in self._read_request(request)]
        added += [message for record in notifications for message in self._read_notification(record)]
        if self._is_recorded:
            self._waiting = sorted([*self._waiting, *added], key=lambda message: message.order)
            self.dropped += max(len(self._waiting) - self._max_messages, 0)
            self._waiting = self._waiting[: self._max_messages][::-1]
            return
        for message in added:
            self._show(message)
        self._drop_oldest()

    def _is_wanted(self, call_id: str | None) -> bool:
        return self._call_id is None or call_id == self._call_id

    def _read_request(self, request: RequestRecord) -> Iterator[Message]:
        if not self._is_wanted(request.call_id):
            return
        call_id = request.call_id or ""
        if request.operation == "delete":
            self._hung_up.add(call_id)
        text = describe_request(request.method, request.url, request.call_id)
        remark = "" if request.status else f"no response: {request.error or 'unknown error'}"
        body = request.request_body
        yield self._make(request.sent_at_us, call_id, "request", APPLICATION, GRAPH, text, remark=remark, raw=body)
        if request.status is None:
            return
        text, _ = describe_response(request.status, request.response_body)
        remark = "refused" if request.status >= 400 else ""
        at_us, body = request.sent_at_us + request.duration_us, request.response_body
        yield self._make(at_us, call_id, "answer", GRAPH, APPLICATION, text, remark=remark, raw=body)

    def _read_notification(self, record: NotificationRecord) -> Iterator[Message]:
        if not self._is_wanted(record.call_id):
            return
        history = self._histories.setdefault(record.call_id, CallHistory())
        classification = history.add(CallEvent.from_record(record))
        state = read_call_state(record.entity, record.change_type, record.state) or ""
        signal = self._infer_signal(record, state, history) if _is_new(record, classification) else None
        common = {"state": state, "raw": record.raw}
        if signal is not None:
            text, from_other_side = signal
            sender, receiver = (OTHER_SIDE, GRAPH) if from_other_side else (GRAPH, OTHER_SIDE)
            yield self._make(record.received_at_us, record.call_id, "signal", sender, receiver, text, **common)
        text = describe_notification(record.change_type, record.entity, record.raw, state, record.tone)
        remark, at_us = _make_remark(classification), record.received_at_us
        yield self._make(at_us, record.call_id, "notification", GRAPH, APPLICATION, text, remark=remark, **common)

    def _infer_signal(self, record: NotificationRecord, state: str, history: CallHistory) -> tuple[str, bool] | None:
        """Return what must have happened between Graph and the other side, and if the other side began it."""
        if record.tone:
            return f"presses {record.tone.removeprefix('tone')}", True
        if state == "incoming":
            return "calls", True
        if state == "ringing":
            return "rings", False
        if state == "established" and "ringing" in history.visited:
            return "answers", True
        if state == "established" and "incoming" in history.visited:
            return "connects", False
        if state != TERMINAL:
            return None
        if record.call_id in self._hung_up:
            return "ends the call", False
        if "established" in history.visited:
            return None if record.result_code or record.result_subcode else ("hangs up", True)
        refusal = _REFUSALS.get(record.result_code or 0)
        return (refusal, True) if refusal else None

    def _make(
        self,
        at_us: int,
        call_id: str,
        kind: str,
        sender: int,
        receiver: int,
        text: str,
        *,
        state: str = "",
        remark: str = "",
        raw: str | None = None,
    ) -> Message:
        self._keys += 1
        text = truncate(bidi_isolate(show_invisible(text)), MAX_TEXT_CHARS)
        return Message(self._keys, at_us, call_id, kind, sender, receiver, text, state, remark, raw)

    def _show(self, message: Message) -> None:
        self._shown[message.key] = self._changed[message.key] = message

    def _hide(self, message: Message) -> None:
        del self._shown[message.key]
        if self._changed.pop(message.key, None) is None:
            self._gone.append(message.key)

    def _drop_oldest(self) -> None:
        excess = len(self._shown) - self._max_messages
        for message in list(self)[: max(excess, 0)]:
            self._hide(message)
            self.dropped += 1

    # ---- steps through a recording

    @property
    def has_next(self) -> bool:
        """True if messages of a recording wait."""
        return bool(self._waiting)

    def show_next(self) -> Message | None:
        """Show the next message of a recording, with the signal that led to it, and return it."""
        while self._waiting:
            message = self._waiting.pop()
            self._show(message)
            if message.kind != "signal":
                return message
        return None

    def show_until(self, at_us: float) -> None:
        """Show all messages of a recording up to a time, microseconds since 1970."""
        while self._waiting and self._waiting[-1].at_us <= at_us:
            self.show_next()

    def hide_last(self) -> None:
        """Take back the last message of a recording, with the signal that led to it."""
        messages = list(self)
        if messages:
            self._take_back(messages.pop())
        if messages and messages[-1].kind == "signal":
            self._take_back(messages.pop())

    def hide_all(self) -> None:
        """Take back all messages of a recording."""
        for message in reversed(list(self)):
            self._take_back(message)

    def _take_back(self, message: Message) -> None:
        self._hide(message)
        self._waiting.append(message)

    # ---- out

    def pop_changes(self) -> dict[str, Any] | None:
        """Return what changed since the last time, as JSON, or ``None``."""
        if not self._changed and not self._gone:
            return None
        changes: dict[str, Any] = {"messages": [self._to_wire(one) for one in self._changed.values()]}
        if self._gone:
            changes |= {"gone": self._gone, "dropped": self.dropped}
        self._changed, self._gone = {}, []
        return changes

    def dump(self) -> dict[str, Any]:
        """Return everything as JSON."""
        return {"base": self.base_ms, "dropped": self.dropped, "messages": [self._to_wire(one) for one in self]}

    def _to_wire(self, message: Message) -> list[Any]:
        at_ms = message.at_us / 1000 - self.base_ms
        lanes = [message.sender, message.receiver]
        texts = [message.text, message.state, message.color, message.remark, message.json]
        return [message.key, at_ms, message.call_id, message.kind, *lanes, *texts]

    def __iter__(self) -> Iterator[Message]:
        return iter(sorted(self._shown.values(), key=lambda message: message.order))

    def __len__(self) -> int:
        return sum(message.kind != "signal" for message in self._shown.values())

    def describe(self) -> str:
        """Return one sentence that says what the diagram shows."""
        if not len(self):
            return "Sequence diagram without messages."
        calls = pluralize(len({message.call_id for message in self._shown.values()}), "call")
        last = [message for message in self if message.kind != "signal"][-1]
        return f"Sequence diagram of {pluralize(len(self), 'message')} of {calls}; the last one: {last}."

    def to_text(self) -> str:
        """Return the diagram as text, one line for each message."""
        messages = list(self)
        lines = [f"{format_elapsed(one.at_us - messages[0].at_us)}  {one}" for one in messages]
        return "\n".join([self.describe(), *lines])


def _is_new(record: NotificationRecord, classification: Classification) -> bool:
    """Return True for a tone, and for a state that the call was not in before."""
    return bool(record.tone) if classification.position is None else classification.late_by_us is None


def _make_remark(classification: Classification) -> str:
    if classification.duplicate_of is not None:
        return "duplicate"
    if classification.late_by_us is not None:
        return f"{classification.late_by_us / 1e6:.3g} s late"
    return ""


def format_elapsed(elapsed_us: int) -> str:
    """Return the time since the first message.

    Examples
    --------
    >>> format_elapsed(2_141_000), format_elapsed(45 * 60_000_000), format_elapsed(3_661_000_000)
    ('+2.141 s', '+45:00.000', '+1:01:01.000')
    """
    minutes, seconds = divmod(elapsed_us / 1e6, 60)
    if not minutes:
        return f"+{seconds:.3f} s"
    hours, minutes = divmod(int(minutes), 60)
    return f"+{hours}:{minutes:02}:{seconds:06.3f}" if hours else f"+{minutes}:{seconds:06.3f}"


def format_json(text: str | None) -> str:
    """Return JSON with one line per member, without secrets; other text with invisible characters escaped."""
    try:
        pretty = json_text(redact(json.loads(text))) if text else ""
    except (ValueError, RecursionError):
        pretty = escape_invisible(text or "")
    return truncate(pretty, MAX_JSON_CHARS)
