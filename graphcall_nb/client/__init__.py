"""``AsyncCalls``: the client under a session, and for people with code of their own."""

from .calls import AsyncCalls
from .sending import GRAPH_URL, TIMEOUT_SECONDS

__all__ = ["GRAPH_URL", "TIMEOUT_SECONDS", "AsyncCalls"]
