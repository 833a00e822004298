"""Notifications as tidy data frames.

Types are the same from the empty frame on, and the same with pandas 2 and 3:

* times ``datetime64[us, UTC]``, durations ``timedelta64[us]``; a missing one is ``NaT``;
* ``state`` an ordered category in life-cycle order (a state that Graph adds later is appended); ``entity``,
  ``change_type``, ``direction``, ``tone``, ``kind`` (but of a call) and others of few values unordered ones;
* ``seq`` ``int64``; ``result_code``, ``result_subcode``, ``duplicate_of`` and an HTTP ``status`` ``Int64``, ``muted``
  and ``in_lobby`` ``boolean``; a missing one is ``<NA>``;
* ``raw`` of notifications ``raw``: texts that are read from the journal on access, also after the session was closed;
* other texts ``object``; a missing one is ``None``.
"""

from .frames import Frames

__all__ = ["Frames"]
