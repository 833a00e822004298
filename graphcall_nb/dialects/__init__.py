"""How beta and v1.0 spell paths, bodies and notifications. A dialect is a value, never an ``if``.

Writing is strict, reading is liberal: :func:`read_notifications` takes either dialect's envelopes.
"""

from .limits import TONES
from .notifications import LEGACY, Notification, read_legacy, read_notifications
from .spelling import Dialect
from .versions import BETA, DEFAULT, DIALECTS, PRODUCTION, V1, dialect_of_url, get_dialect

__all__ = [
    "BETA",
    "DEFAULT",
    "DIALECTS",
    "LEGACY",
    "PRODUCTION",
    "TONES",
    "V1",
    "Dialect",
    "Notification",
    "dialect_of_url",
    "get_dialect",
    "read_legacy",
    "read_notifications",
]
