"""Journal records for tests, and frames over them."""

import json

from graphcall_nb.frames import Frames
from graphcall_nb.journal.columns import NotificationColumns
from graphcall_nb.journal.records import NotificationRecord, RequestRecord

START_US = 1_700_000_000_000_000
SECOND = 1_000_000


def row(
    seq, state=None, *, at=None, call="A", entity="call", change="updated", resource=None, result=(None,) * 3, **rest
):
    """Return a notification; ``at`` in seconds, by default ``seq`` of them."""
    resource = resource or f"/app/calls/{call}"
    raw = rest.pop("raw", None) or json.dumps({"resource": resource, "changeType": change, "state": state})
    text = {name: rest.get(name) for name in ("direction", "etag", "answered_by", "active_modalities", "tone")}
    code, subcode, message = result
    return NotificationRecord(
        seq=seq,
        received_at_us=START_US + round((seq if at is None else at) * SECOND),
        call_id=call,
        entity=entity,
        resource=resource,
        change_type=change,
        state=state,
        **text,
        result_code=code,
        result_subcode=subcode,
        result_message=message,
        raw=raw,
    )


def life(*states, call="A", first=1):
    """Return notifications of one call that passes the states, one a second."""
    return [row(seq, state, call=call) for seq, state in enumerate(states, first)]


def number(rows):
    """Return the same records with the numbers of their order."""
    return [one._replace(seq=seq) for seq, one in enumerate(rows, 1)]


def create(call="A", body=None, *, seq=1, at=0.0, answer=None, operation="create"):
    """Return a request."""
    answer = {"id": call, "state": "establishing"} if answer is None else answer
    return RequestRecord(
        seq=seq,
        sent_at_us=START_US + round(at * SECOND),
        method="POST",
        url="https://graph.microsoft.com/beta/app/calls",
        operation=operation,
        call_id=call,
        status=201,
        duration_us=100,
        request_id="r",
        client_request_id="c",
        request_body=json.dumps(body or {}),
        response_body=json.dumps(answer),
        error=None,
    )


class Log:
    """A journal in memory.

    ``grow`` adds notifications, ``frames`` reads them; ``read_after`` has the numbers after which they were read,
    ``payloads_read`` those whose raw texts were read.
    """

    def __init__(self, rows=(), requests=()):
        self.rows, self.requests = list(rows), list(requests)
        self.read_after, self.payloads_read = [], []
        self.frames = Frames(self.read, self.read_requests, self.read_payloads)
        self.frames.refresh()

    def read(self, after, limit):
        self.read_after.append(after)
        return NotificationColumns.from_records([row for row in self.rows if row.seq > after][:limit])

    def read_requests(self, after):
        return [request for request in self.requests if request.seq > after]

    def read_payloads(self, seqs):
        self.payloads_read += seqs
        raw = {row.seq: row.raw for row in self.rows}
        return [raw[seq] for seq in seqs]

    def grow(self, *rows):
        self.rows += rows
        self.frames.refresh()


def frames(rows=(), requests=()):
    return Log(rows, requests).frames


def states(rows):
    return frames(rows).intervals()["state"].tolist()


def seconds(times):
    """Return times of a frame as seconds since the start; None for NaT."""
    values = times.astype("int64").tolist()
    return [None if missing else (us - START_US) / SECOND for us, missing in zip(values, times.isna(), strict=True)]


def lengths(durations):
    return [
        None if missing else value.total_seconds() for value, missing in zip(durations, durations.isna(), strict=True)
    ]
