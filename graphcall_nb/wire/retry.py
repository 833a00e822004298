"""When a request is sent again."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

TRIES = 4
"""How often a request is sent at most."""

LONGEST_PAUSE_SECONDS = 60.0
"""A service that asks for more than this gets no second request from us; the caller is told instead."""


def pause_before_retry(
    status: int, headers: Mapping[str, str], tries: int, now: float, most: int = TRIES
) -> float | None:
    """Seconds to wait before a refused request is sent again, or ``None`` when it should not be.

    ``tries`` is how often it was sent, ``most`` how often it may be, ``now`` the time in seconds since 1970. Only 429
    and 503 are asked again: there the service says that it did nothing.
    """
    if status not in (429, 503) or tries >= most:
        return None
    pause = retry_after(headers, now)
    if pause is None:
        # Without a word about when, a 503 may come from anything on the way, and after anything was done.
        return 2.0 ** (tries - 1) if status == 429 else None
    return pause if pause <= LONGEST_PAUSE_SECONDS else None


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """``Retry-After`` in seconds; it may be a number or a date."""
    value = headers.get("retry-after", "").strip()
    if value.isdigit():
        return float(value)
    try:
        return max(parsedate_to_datetime(value).timestamp() - now, 0.0)
    except (TypeError, ValueError):
        return None
