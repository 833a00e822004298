"""Sessions: everything put together and taken apart, with a synchronous face."""

from .connected import connect
from .core import Session
from .examined import doctor, examine_first_run
from .handle import CallHandle
from .joined import join_class
from .replayed import ReplaySession, replay
from .running import run
from .simulated import simulate

__all__ = [
    "CallHandle",
    "ReplaySession",
    "Session",
    "connect",
    "doctor",
    "examine_first_run",
    "join_class",
    "replay",
    "run",
    "simulate",
]
