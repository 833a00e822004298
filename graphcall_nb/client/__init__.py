"""``AsyncCalls``: the client under a session, and for people with code of their own."""

from .calls import AsyncCalls
from .sending import GRAPH_URL, IN_FLIGHT, TIMEOUT_SECONDS

__all__ = ["GRAPH_URL", "IN_FLIGHT", "TIMEOUT_SECONDS", "AsyncCalls"]
