"""The durable log of notifications and of requests: append a batch, read after a cursor, wait for news."""

from .log import Journal, open_journal
from .schema import NOTIFICATION_COLUMNS, REQUEST_COLUMNS
from .selection import Selection

__all__ = ["NOTIFICATION_COLUMNS", "REQUEST_COLUMNS", "Journal", "Selection", "open_journal"]
