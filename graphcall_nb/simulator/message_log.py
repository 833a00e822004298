"""The log of a simulator: the requests that it received and the notifications that it sent, within bounds."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from .._arguments import unknown_name_message
from .delivery import Delivery, DeliveryResult
from .errors import GraphError
from .validation import parse_json

MAX_ENTRIES = 5_000
"""Requests, and as many attempts of deliveries, that are kept; the oldest are dropped."""

MAX_BODY_BYTES = 64 * 1024
"""Longest body that is kept; a longer one is described by its length."""

MAX_KEPT_BYTES = 32 * 1024 * 1024
"""Bytes of the bodies of all requests and responses together."""

HIDDEN = "***"

_SECRET_MEMBERS = frozenset(
    {"access_token", "assertion", "blob", "client_assertion", "client_secret", "id_token", "passcode", "password"}
    | {"recordingaccesstoken", "refresh_token", "token"}
)
_CALLBACK_MEMBERS = frozenset({"callback", "callbackuri"})
_TOKEN = re.compile(r"eyJ[\w-]{5,}\.[\w-]+(\.[\w-]*)?")
_SECRET_SEGMENT = re.compile(r"(?<=/)(?![0-9a-fA-F-]{36}(?:[/?]|$))[\w-]{32,}")


class LoggedRequest(NamedTuple):
    """One request to the simulator with its response.

    ``at`` is a time in ISO 8601. ``operation`` is ``create``, ``get``, ``delete``, ``token``, the name of an operation
    such as ``playPrompt``, or empty. ``status`` is ``None`` while the request is handled, and without a response.
    Bodies are values of JSON, without secrets. ``duration`` is in seconds.
    """

    id: int
    at: str
    method: str
    path: str
    operation: str
    call_id: str
    body: Any
    status: int | None
    response: Any
    duration: float | None


class LoggedDelivery(NamedTuple):
    """One attempt to send a notification.

    ``state`` is the state of the call that the notification tells, or empty. ``attempt`` counts from 1. ``error`` is
    the reason without a response; ``status`` and ``duration`` (seconds) are ``None`` until the attempt has ended.
    """

    id: int
    at: str
    call_id: str
    url: str
    state: str
    attempt: int
    status: int | None
    error: str
    duration: float | None
    body: Any


REQUEST_FILTERS = ("operation", "call_id", "method", "path", "status")
DELIVERY_FILTERS = ("call_id", "state", "url", "attempt", "status")


@dataclass(slots=True)
class RequestEntry:
    """A request as it is kept: with raw bodies, which are read on demand only."""

    id: int
    at: float
    method: str
    path: str
    operation: str = ""
    call_id: str = ""
    application_id: str = ""
    request_id: str = ""
    client_request_id: str = ""
    content_type: str = ""
    body: bytes = field(default=b"", repr=False)
    status: int | None = None
    response: bytes = field(default=b"", repr=False)
    response_type: str = ""
    duration: float | None = None
    is_kept: bool = True
    order: int = 0

    @property
    def size(self) -> int:
        """Number of bytes of both bodies."""
        return len(self.body) + len(self.response)


@dataclass(slots=True)
class DeliveryEntry:
    """An attempt of a delivery as it is kept."""

    id: int
    at: float
    delivery: Delivery = field(repr=False)
    token_fault: str = ""
    result: DeliveryResult | None = None
    duration: float | None = None
    order: int = 0

    @property
    def application_id(self) -> str:
        return self.delivery.application_id

    @property
    def has_failed(self) -> bool:
        """True if the bot did not accept the notification, other than because of a fault or a redirection."""
        if self.result is None or self.result.is_delivered:
            return False
        is_expected = self.result.status == 401 and bool(self.token_fault)
        return not is_expected and not (self.result.status == 302 and self.delivery.on_response)


Entry = RequestEntry | DeliveryEntry


class MessageLog:
    """The last requests and attempts of deliveries.

    Parameters
    ----------
    clock : callable
        Returns epoch seconds.
    owner_id : str
        Application that sees the requests without a valid token.
    secrets : iterable of str
        Texts that are hidden wherever they appear.
    max_entries : int
        Requests, and as many attempts, that are kept.
    max_bytes : int
        Bytes of the bodies of all requests and responses together.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        owner_id: str = "",
        secrets: Iterable[str] = (),
        max_entries: int = MAX_ENTRIES,
        max_bytes: int = MAX_KEPT_BYTES,
    ) -> None:
        self._clock = clock
        self._owner_id = owner_id
        self._secrets = tuple(secrets)
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._requests: deque[RequestEntry] = deque()
        self._deliveries: deque[DeliveryEntry] = deque(maxlen=max_entries)
        self._request_count = 0
        self._delivery_count = 0
        self._kept_bytes = 0
        self._watchers: list[Callable[[Entry], object]] = []

    def watch(self, on_entry: Callable[[Entry], object]) -> None:
        """Call a function with each request that was responded to, and with each attempt that has ended."""
        self._watchers.append(on_entry)

    def start_request(self, method: str, path: str) -> RequestEntry:
        """Add a request that arrived."""
        self._request_count += 1
        entry = RequestEntry(self._request_count, self._clock(), method, path, order=self._count_messages())
        self._requests.append(entry)
        return entry

    @property
    def delivery_count(self) -> int:
        """Number of attempts of deliveries that began, dropped ones included."""
        return self._delivery_count

    def _count_messages(self) -> int:
        """Return the number of messages; ids count requests and deliveries apart, so that a seed repeats them."""
        return self._request_count + self._delivery_count

    def finish_request(self, entry: RequestEntry) -> None:
        """Complete a request whose response was sent."""
        entry.duration = max(0.0, self._clock() - entry.at)
        if entry.is_kept:
            self._kept_bytes += entry.size
        while len(self._requests) > self._max_entries or self._kept_bytes > self._max_bytes:
            self._drop(self._requests.popleft())
        self._notify(entry)

    def _drop(self, entry: RequestEntry) -> None:
        entry.is_kept = False
        if entry.duration is not None:
            self._kept_bytes -= entry.size

    def start_delivery(self, delivery: Delivery, token_fault: str) -> DeliveryEntry:
        """Add an attempt that begins."""
        self._delivery_count += 1
        order = self._count_messages()
        entry = DeliveryEntry(self._delivery_count, self._clock(), delivery, token_fault, order=order)
        self._deliveries.append(entry)
        return entry

    def finish_delivery(self, entry: DeliveryEntry, result: DeliveryResult) -> None:
        """Complete an attempt."""
        entry.result = result
        entry.duration = max(0.0, self._clock() - entry.at)
        self._notify(entry)

    def _notify(self, entry: Entry) -> None:
        for on_entry in self._watchers:
            on_entry(entry)

    def find_requests(
        self, filters: Mapping[str, Any] | None = None, *, application_id: str | None = None
    ) -> list[RequestEntry]:
        """Return the requests of all applications or of one, the oldest first, with these values.

        Raises
        ------
        ValueError
            For an unknown filter.
        """
        wanted = _read_filters(filters or {}, REQUEST_FILTERS)
        return [each for each in self._requests if self._belongs(each, application_id) and _matches(each, wanted)]

    def requests(
        self, filters: Mapping[str, Any] | None = None, *, application_id: str | None = None
    ) -> list[LoggedRequest]:
        """Return the requests as :meth:`find_requests` does, without secrets."""
        return [self.show_request(each) for each in self.find_requests(filters, application_id=application_id)]

    def deliveries(
        self, filters: Mapping[str, Any] | None = None, *, application_id: str | None = None
    ) -> list[LoggedDelivery]:
        """Return the attempts of all applications or of one, the oldest first, with these values.

        Raises
        ------
        ValueError
            For an unknown filter.
        """
        wanted = _read_filters(filters or {}, DELIVERY_FILTERS)
        owned = [each for each in self._deliveries if self._belongs(each, application_id)]
        shown = [self.show_delivery(each) for each in owned]
        return [entry for entry in shown if _matches(entry, wanted)]

    def find_delivery(self, delivery_id: int, application_id: str | None) -> Delivery:
        """Return the delivery of an attempt. Raise ``ValueError`` for an unknown id."""
        for entry in self._deliveries:
            if entry.id == delivery_id and self._belongs(entry, application_id):
                return entry.delivery
        raise ValueError(f"Delivery {delivery_id} is not in the log: its id is wrong, or it was dropped or deleted.")

    def describe(self, max_lines: int) -> str:
        """Return the last messages in both directions as text, one line each, in the order in which they began."""
        entries: list[Entry] = [*self._requests, *self._deliveries]
        last = sorted(entries, key=lambda entry: entry.order)[-max_lines:]
        return "\n".join(
            format_request(self.show_request(each))
            if isinstance(each, RequestEntry)
            else format_delivery(self.show_delivery(each))
            for each in last
        )

    def clear_requests(self, application_id: str | None = None) -> None:
        """Delete the requests of all applications, or of one."""
        entries, self._requests = self._requests, deque()
        for entry in entries:
            if self._belongs(entry, application_id):
                self._drop(entry)
            else:
                self._requests.append(entry)

    def clear_deliveries(self, application_id: str | None = None) -> None:
        """Delete the deliveries of all applications, or of one."""
        kept = (each for each in self._deliveries if not self._belongs(each, application_id))
        self._deliveries = deque(kept, maxlen=self._max_entries)

    def _belongs(self, entry: Entry, application_id: str | None) -> bool:
        return application_id is None or (entry.application_id or self._owner_id) == application_id

    def show_request(self, entry: RequestEntry) -> LoggedRequest:
        """Return a request as users see it."""
        return LoggedRequest(
            entry.id,
            format_time(entry.at),
            entry.method,
            self._hide_text(entry.path),
            entry.operation,
            entry.call_id,
            self._hide(read_body(entry.body, entry.content_type)),
            entry.status,
            self._hide(read_body(entry.response, entry.response_type)),
            entry.duration,
        )

    def show_delivery(self, entry: DeliveryEntry) -> LoggedDelivery:
        """Return an attempt as users see it."""
        result = entry.result or DeliveryResult(None)
        return LoggedDelivery(
            entry.id,
            format_time(entry.at),
            entry.delivery.call_id,
            hide_path(entry.delivery.url),
            read_state(entry.delivery.body),
            entry.delivery.attempt,
            result.status,
            result.error,
            entry.duration,
            self._hide(entry.delivery.body),
        )

    def _hide(self, value: Any) -> Any:
        """Return a value of JSON without secrets."""
        if isinstance(value, Mapping):
            return {name: self._hide_member(name, inner) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._hide(inner) for inner in value]
        return self._hide_text(value) if isinstance(value, str) else value

    def _hide_member(self, name: str, value: Any) -> Any:
        lowered = name.lower()
        if lowered in _SECRET_MEMBERS:
            return HIDDEN if value else value
        return self._hide(hide_path(value) if lowered in _CALLBACK_MEMBERS and isinstance(value, str) else value)

    def _hide_text(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return _TOKEN.sub(HIDDEN, text)


def hide_path(url: str) -> str:
    """Return a URL without the segments that look like secrets, without user and without query.

    Examples
    --------
    >>> hide_path("http://127.0.0.1:3978/api/calls")
    'http://127.0.0.1:3978/api/calls'
    >>> hide_path("http://127.0.0.1:3978/calls/q1J7sW5kq0Y2hGm3vBn4cXz8aLp6dRfTyUiOe9wQsEx?code=1")
    'http://127.0.0.1:3978/calls/***?***'
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return HIDDEN
    if not (parts.scheme and parts.netloc):
        return _SECRET_SEGMENT.sub(HIDDEN, url)
    host = parts.netloc.rpartition("@")[2]
    query = f"?{HIDDEN}" if parts.query else ""
    return f"{parts.scheme}://{host}{_SECRET_SEGMENT.sub(HIDDEN, parts.path)}{query}"


def read_body(body: bytes, content_type: str) -> Any:
    """Return a body as a value of JSON: a form as an object, and a description of any other body."""
    if not body:
        return None
    media_type = content_type.partition(";")[0].strip().lower()
    try:
        if media_type == "application/x-www-form-urlencoded":
            return dict(parse_qsl(body.decode(), keep_blank_values=True))
        return parse_json(body)  # it accepts only values that can be written again
    except (ValueError, GraphError):
        # Text that cannot be read may contain secrets at any place.
        return f"({len(body)} bytes that are not JSON)"


def read_state(body: Mapping[str, Any]) -> str:
    """Return the state of the call in a notification, or an empty text."""
    data = _get_resource_data(body)
    state = data.get("state")
    return state if isinstance(state, str) else ""


def _get_resource_data(body: Mapping[str, Any]) -> Mapping[str, Any]:
    items = body.get("value") or [{}]
    data = items[0].get("resourceData") if isinstance(items[0], Mapping) else None
    return data if isinstance(data, Mapping) else {}


def describe_notification(body: Mapping[str, Any]) -> str:
    """Return a notification in a few words, such as ``updated established`` or ``updated playPrompt completed``."""
    items = body.get("value")
    if not items:
        return "incoming (the format from before Graph)"
    item, data = items[0], _get_resource_data(body)
    kind = str(data.get("@odata.type", "")).rpartition(".")[2].removesuffix("Operation")
    words = [str(item.get("changeType", ""))]
    if "/participants" in str(item.get("resourceUrl") or item.get("resource")):
        words.append("participants")
    elif "status" in data:
        words += [kind, str(data["status"])]
    else:
        tone = data.get("toneInfo") or {}
        words += [str(data.get("state") or ""), str(tone.get("tone") or "")]
    if len(items) > 1:
        words.append(f"and {len(items) - 1} more")
    return " ".join(filter(None, words))


def format_time(seconds: float) -> str:
    """Return a time in ISO 8601 in UTC, with microseconds.

    Examples
    --------
    >>> format_time(0.25)
    '1970-01-01T00:00:00.250000Z'
    """
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def format_request(entry: LoggedRequest) -> str:
    """Return a line of text for a request."""
    status = "no response" if entry.status is None else str(entry.status)
    words = [entry.at[11:23], "bot -> service ", f"{entry.method:6}", entry.path, f"({entry.operation})", status]
    error = entry.response.get("error") if isinstance(entry.response, Mapping) else None
    message = error.get("message") if isinstance(error, Mapping) else error
    return " ".join(word for word in [*words, str(message or "")] if word not in ("", "()"))


def format_delivery(entry: LoggedDelivery) -> str:
    """Return a line of text for an attempt of a delivery."""
    result = entry.error or ("no response yet" if entry.status is None else str(entry.status))
    words = [entry.at[11:23], "service -> bot ", describe_notification(entry.body), f"call {entry.call_id}"]
    return " ".join([*words, f"to {entry.url}", *([f"(attempt {entry.attempt})"] if entry.attempt > 1 else []), result])


def _read_filters(filters: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    """Return filters by the name of the field; names may be written as in JSON (``callId``)."""
    fields = {name.replace("_", ""): name for name in names}
    wanted = {}
    for name, value in filters.items():
        known = fields.get(str(name).replace("_", "").lower())
        if known is None:
            raise ValueError(unknown_name_message("filter", name, names))
        if value is not None:
            wanted[known] = str(value).lower()
    return wanted


def _matches(entry: Any, wanted: Mapping[str, str]) -> bool:
    return all(str(getattr(entry, name)).lower() == value for name, value in wanted.items())
