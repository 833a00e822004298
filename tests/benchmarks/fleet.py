"""Notifications of many calls, as rows for a journal."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

STATES = ("establishing", "ringing", "established", "terminating", "terminated")
ROWS_PER_CALL = len(STATES)
_CALLS_AT_ONCE = 200


def notification(call_id: str, state: str, seq: int) -> tuple[Any, ...]:
    """Return a notification as the listener passes it to the journal."""
    ended = state == "terminated"
    change = "deleted" if ended else "updated"
    answered = "Heidi Steen" if state == "established" else None
    result = (200, 7000, "ended by the application") if ended else (None, None, None)
    raw = (
        f'{{"changeType":"{change}","resource":"/app/calls/{call_id}","resourceData":{{"@odata.type":'
        f'"#microsoft.graph.call","@odata.id":"/app/calls/{call_id}","@odata.etag":"W/\\"{seq}\\"","state":"{state}"'
        + (',"answeredBy":{"identity":{"user":{"displayName":"Heidi Steen","id":"112f7296"}}}' if answered else "")
        + (',"resultInfo":{"code":200,"subcode":7000,"message":"ended by the application"}' if ended else "")
        + "}}"
    )
    resource = f"/app/calls/{call_id}"
    etag = f'W/"{seq}"'
    media = "audio" if answered else None
    return (call_id, "call", resource, change, state, None, etag, answered, media, None, *result, raw)


def rows(count: int, *, shuffled: bool = False, seed: int = 7, first: int = 0) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield ``(received_at_us, notification)`` for ``count`` notifications of overlapping calls.

    With ``shuffled`` the notifications of a call arrive in any order.
    """
    rng = random.Random(seed + first)
    made = 0
    at = 1_800_000_000_000_000 + first * 1000
    block = first
    while made < count:
        calls = [f"{rng.getrandbits(128):032X}" for _ in range(_CALLS_AT_ONCE)]
        items = [(call_id, state) for state in STATES for call_id in calls]
        if shuffled:
            rng.shuffle(items)
        for call_id, state in items[: count - made]:
            made += 1
            block += 1
            at += 1000
            yield at, notification(call_id, state, block)
