"""Listeners put together: in this process, in one of their own that is watched and restarted, or on another machine."""

from .callback import Callback
from .isolated import IsolatedListener
from .local import listener_for, receive
from .remote import RemoteListener

__all__ = ["Callback", "IsolatedListener", "RemoteListener", "listener_for", "receive"]
