"""Listeners put together: in this process, or in one of their own that is watched and restarted."""

from .callback import Callback
from .isolated import IsolatedListener
from .local import receive

__all__ = ["Callback", "IsolatedListener", "receive"]
