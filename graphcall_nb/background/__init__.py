"""The thread with the event loop, and the server of ASGI applications.

A client must not be shared by two event loops, and a notebook's own loop stops while a cell runs. Everything that
listens or sends therefore runs on one loop in one daemon thread.
"""

from .background import Background, new_event_loop
from .limits import Limits
from .serve import ASGIApp, Server, open_socket, serve

__all__ = ["ASGIApp", "Background", "Limits", "Server", "new_event_loop", "open_socket", "serve"]
