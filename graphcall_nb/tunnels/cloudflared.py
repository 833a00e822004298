"""``cloudflared``: a quick tunnel of Cloudflare's, without an account."""

from __future__ import annotations

import os
from dataclasses import replace

from .command import Failure, Program, Running, locate, start

CLOUDFLARED = Program(
    name="cloudflared",
    install="Get it from https://developers.cloudflare.com/cloudflare-one/connections/connect-networks/downloads/",
    # The service that gives addresses out is named in errors; it is no address.
    url=r"(https://(?!api\.)[a-z0-9-]+\.trycloudflare\.com)",
    ready=r"Registered tunnel connection|Connection \S+ registered",
    gone=r"Unregistered tunnel connection|Connection terminated|Serve tunnel error|Retrying connection in up to",
    which=r"connIndex=\d+",
    failures=(
        Failure(r"status_code=\"?429|429 Too Many Requests|error code: 1015", "Cloudflare gives this network no more "
                "quick tunnels for a while; wait some minutes, or choose another tunnel."),
        Failure(r"failed to request quick Tunnel.*(no such host|dial tcp|timeout|refused|unreachable)",
                "trycloudflare.com cannot be reached; look at the network here, or choose another tunnel."),
        Failure(r"failed to (request|unmarshal) quick Tunnel",
                "Cloudflare gave no quick tunnel; try again in some minutes, or choose another tunnel."),
        Failure(r"flag provided but not defined|Incorrect Usage",
                "this version is too old for the options that are needed; install a newer one.", refused=True),
    ),
    silent="cloudflared got no connection; the network here must let port 7844 out (TCP or UDP).",
    seconds=45.0,  # it tries QUIC for some 20 s before it falls back to HTTP/2
)  # fmt: skip


class Cloudflared:
    """A quick tunnel: no account, a new address each time, no promise of being up. For trying out.

    Cloudflare reads every notification on this way.

    Parameters
    ----------
    path : where to look for the program; ``None`` for PATH
    seconds : how long it may take to connect
    """

    name = "cloudflared"
    local_port: int | None = None

    def __init__(self, *, path: str | None = None, seconds: float = CLOUDFLARED.seconds) -> None:
        self._path = path
        self._program = replace(CLOUDFLARED, seconds=seconds)

    async def check(self) -> str:
        return f"cloudflared is installed at {locate(self._program, self._path)}; it needs no account."

    async def connect(self, port: int) -> Running:
        command = [locate(self._program, self._path), "tunnel", "--config", os.devnull, "--no-autoupdate"]
        return await start(self._program, [*command, "--url", f"http://127.0.0.1:{port}"])
