"""A Jupyter server extension: an entrance for notifications under the address of the Jupyter server or Hub.

A kernel registers the port of its listener at ``graphcall/routes``, which asks for the server's own authentication,
and gets a path that nobody can guess. Whatever is posted under that path goes to the listener, with neither cookies
nor query. So Microsoft needs no Jupyter token, which would let it run code here; the listener checks who sends.

There is no entrance before a kernel registers one. Switch the extension off with
``jupyter server extension disable graphcall_nb.jupyter_extension``.

This package runs in the server's process, and imports nothing else of ``graphcall_nb``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "graphcall_nb.jupyter_extension"}]


def _load_jupyter_server_extension(serverapp: ServerApp) -> None:
    from .handlers import handlers

    routes = handlers(serverapp.base_url, serverapp.port, serverapp.log)
    serverapp.web_app.add_handlers(".*$", routes)  # type: ignore[no-untyped-call]
    serverapp.log.info("graphcall_nb: kernels can register an entrance for notifications")
