"""Jupyter server extension: callback routes for notifications under the URL of the Jupyter server or JupyterHub.

A kernel registers the port of its listener at ``graphcall/routes``, which requires the server's own authentication, and
gets a callback route with an unguessable path. Requests to that path are proxied to the listener, without cookies and
query. Microsoft therefore needs no Jupyter token, which would allow running code on the server; the listener checks
the sender.

A callback route exists only while a kernel has one registered. Disable the extension with
``jupyter server extension disable graphcall_nb.jupyter_extension``.

This package runs in the server's process and imports nothing else of ``graphcall_nb``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "graphcall_nb.jupyter_extension"}]


def _load_jupyter_server_extension(serverapp: ServerApp) -> None:
    from .handlers import make_handlers

    handlers = make_handlers(serverapp.base_url, serverapp.port, serverapp.log)
    serverapp.web_app.add_handlers(".*$", handlers)  # type: ignore[no-untyped-call]
    serverapp.log.info("graphcall_nb: kernels can register callback routes for notifications")
