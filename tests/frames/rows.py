"""Journal rows for tests, and frames over them."""

import json

from graphcall_nb.frames import Frames

START_US = 1_700_000_000_000_000
SECOND = 1_000_000


def row(
    seq, state=None, *, at=None, call="A", entity="call", change="updated", resource=None, result=(None,) * 3, **rest
):
    """A row as the journal keeps it; ``at`` in seconds, by default ``seq`` of them."""
    resource = resource or f"/app/calls/{call}"
    raw = rest.pop("raw", None) or json.dumps({"resource": resource, "changeType": change, "state": state})
    text = {name: rest.get(name) for name in ("direction", "etag", "answered_by", "active_modalities", "tone")}
    at = START_US + round((seq if at is None else at) * SECOND)
    return (seq, at, call, entity, resource, change, state, *text.values(), *result, raw)


def life(*states, call="A", first=1):
    """Rows of one call that passes the states, one a second."""
    return [row(seq, state, call=call) for seq, state in enumerate(states, first)]


def create(call="A", body=None, *, seq=1, at=0.0, answer=None, operation="create"):
    """A journal row of a request."""
    answer = {"id": call, "state": "establishing"} if answer is None else answer
    bodies = (json.dumps(body or {}), json.dumps(answer))
    url = "https://graph.microsoft.com/beta/app/calls"
    return (seq, START_US + round(at * SECOND), "POST", url, operation, call, 201, 100, "r", "c", *bodies, None)


class Log:
    """A journal in memory; ``grow`` adds rows, ``frames`` reads them; ``raw_read`` has whose raw texts were read."""

    def __init__(self, rows=(), requests=()):
        self.rows, self.requests = list(rows), list(requests)
        self.raw_read = []
        self.frames = Frames(self.read, self.read_requests, self.read_raw)
        self.frames.refresh()

    def read(self, after, limit):
        return [row for row in self.rows if row[0] > after][:limit]

    def read_requests(self, after):
        return [row for row in self.requests if row[0] > after]

    def read_raw(self, seqs):
        self.raw_read += seqs
        raw = {row[0]: row[-1] for row in self.rows}
        return [raw[seq] for seq in seqs]

    def grow(self, *rows):
        self.rows += rows
        self.frames.refresh()


def frames(rows=(), requests=()):
    return Log(rows, requests).frames


def states(rows):
    return frames(rows).intervals()["state"].tolist()


def seconds(times):
    """Times of a frame as seconds since the start; None for NaT."""
    values = times.astype("int64").tolist()
    return [None if missing else (us - START_US) / SECOND for us, missing in zip(values, times.isna(), strict=True)]


def lengths(durations):
    return [
        None if missing else value.total_seconds() for value, missing in zip(durations, durations.isna(), strict=True)
    ]
