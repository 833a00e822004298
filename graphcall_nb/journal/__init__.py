"""The durable log of notifications and of requests: append a batch, read after a cursor, wait for news."""

from .log import Journal, open_journal
from .replay import Replay
from .saved import About, is_saved, load, save
from .schema import NOTIFICATION_COLUMNS, REQUEST_COLUMNS
from .selection import Selection

__all__ = [
    "NOTIFICATION_COLUMNS",
    "REQUEST_COLUMNS",
    "About",
    "Journal",
    "Replay",
    "Selection",
    "is_saved",
    "load",
    "open_journal",
    "save",
]
