"""The ``cloudflared`` provider: a quick tunnel of Cloudflare, without an account."""

from __future__ import annotations

import os
from dataclasses import replace

from .program import OutputPattern, Program, TunnelProcess, find_executable, start_program

CLOUDFLARED = Program(
    name="cloudflared",
    install_hint="Get it from https://developers.cloudflare.com/cloudflare-one/connections/connect-networks/downloads/",
    # Error messages name the API's host, which is not a tunnel.
    url_pattern=r"(https://(?!api\.)[a-z0-9-]+\.trycloudflare\.com)",
    connected_pattern=r"Registered tunnel connection|Connection \S+ registered",
    disconnected_pattern=r"Unregistered tunnel connection|Connection terminated|Serve tunnel error"
    r"|Retrying connection in up to",
    connection_id_pattern=r"connIndex=\d+",
    failures=(
        OutputPattern(
            r"status_code=\"?429|429 Too Many Requests|error code: 1015",
            "Cloudflare gives this network no more quick tunnels for now; wait some minutes, or choose another tunnel.",
        ),
        OutputPattern(
            r"failed to request quick Tunnel.*(no such host|dial tcp|timeout|refused|unreachable)",
            "trycloudflare.com cannot be reached; check this network, or choose another tunnel.",
        ),
        OutputPattern(
            r"failed to (request|unmarshal) quick Tunnel",
            "Cloudflare gave no quick tunnel; try again in some minutes, or choose another tunnel.",
        ),
        OutputPattern(
            r"flag provided but not defined|Incorrect Usage",
            "this version is too old for the required options; install a newer one.",
            refused=True,
        ),
    ),
    timeout_message="cloudflared got no connection; this network must allow outgoing port 7844 (TCP or UDP).",
    timeout_seconds=45.0,  # it tries QUIC for about 20 s before it falls back to HTTP/2
)


class Cloudflared:
    """A quick tunnel of Cloudflare: no account, a new URL on each start, no guaranteed uptime. For trying out.

    Cloudflare can read every notification.

    Parameters
    ----------
    path : str, optional
        Directories in which to look for the program, as in PATH; by default PATH.
    timeout_seconds : float
        Time to connect, in seconds.
    """

    name = "cloudflared"
    local_port: int | None = None

    def __init__(self, *, path: str | None = None, timeout_seconds: float = CLOUDFLARED.timeout_seconds) -> None:
        self._path = path
        self._program = replace(CLOUDFLARED, timeout_seconds=timeout_seconds)

    async def check(self) -> str:
        return f"cloudflared is installed at {find_executable(self._program, self._path)}; it needs no account."

    async def connect(self, port: int) -> TunnelProcess:
        command = [find_executable(self._program, self._path), "tunnel", "--config", os.devnull, "--no-autoupdate"]
        return await start_program(self._program, [*command, "--url", f"http://127.0.0.1:{port}"])
