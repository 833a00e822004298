"""The Jupyter server that this kernel belongs to: where it is, and how a kernel may speak to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..errors import TunnelUnavailable

NOT_IN_JUPYTER = (
    "This is not a kernel of a running Jupyter server; start it from JupyterLab or Notebook, or choose another tunnel."
)


@dataclass(frozen=True)
class Server:
    """A Jupyter server on this machine.

    Attributes
    ----------
    url : its address as a kernel reaches it, with the base URL and a slash at the end
    token : what it accepts as authentication; it lets run code, so it never leaves this machine
    """

    url: str
    token: str = field(repr=False)


def find_server(environ: Mapping[str, str], runtime_dir: Path) -> Server:
    """The server that started this kernel.

    Parameters
    ----------
    environ : the kernel's environment
    runtime_dir : where Jupyter servers write what they are: ``jupyter_core.paths.jupyter_runtime_dir()``

    Raises
    ------
    TunnelUnavailable
        When there is none, or none that can be spoken to.
    """
    info = _info(environ, runtime_dir)
    hub_token = environ.get("JUPYTERHUB_API_TOKEN", "")
    if info is not None:
        token = info.get("token") or hub_token
        if info.get("sock"):
            raise TunnelUnavailable(
                "The Jupyter server listens on a unix socket, which is not supported; choose another tunnel."
            )
        if not token:
            raise TunnelUnavailable(
                "The Jupyter server has a password but no token, so a kernel cannot register there; "
                "start it with a token, or choose another tunnel."
            )
        return Server(_url(info["url"], info["base_url"]), token)
    if hub_token and environ.get("JUPYTERHUB_SERVICE_URL"):
        service_url = environ["JUPYTERHUB_SERVICE_URL"]
        return Server(_url(service_url, urlsplit(service_url).path), hub_token)
    raise TunnelUnavailable(NOT_IN_JUPYTER)


def _info(environ: Mapping[str, str], runtime_dir: Path) -> dict[str, Any] | None:
    """What the server wrote about itself. Only the one that started this kernel will do: its user is this user."""
    pid = environ.get("JPY_PARENT_PID", "")
    if not pid.isdigit():
        return None
    try:
        info = json.loads((runtime_dir / f"jpserver-{pid}.json").read_text())
    except (OSError, ValueError):
        return None
    return info if isinstance(info, dict) and {"url", "base_url"} <= info.keys() else None


def _url(url: str, base_url: str) -> str:
    """The address of the server on this machine, whatever it listens on besides."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in ("", "0.0.0.0", "::", "localhost"):  # noqa: S104 - not bound, but read
        host = "127.0.0.1"
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}:{parts.port}{base_url.rstrip('/')}/"
