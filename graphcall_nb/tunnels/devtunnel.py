"""``devtunnel``: Microsoft's Dev Tunnels, which its pages on Teams bots recommend."""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import replace

from ..errors import SettingsMissing, TunnelUnavailable
from .command import Failure, Program, Running, locate, start

LOGIN = "nobody is signed in; run: devtunnel user login"

DEVTUNNEL = Program(
    name="devtunnel",
    install="Get it from https://learn.microsoft.com/azure/developer/dev-tunnels/get-started and run: "
    "devtunnel user login",
    # Filled in with the port: the form with the port in the name is the one without a port in the address, and
    # what follows the port in the inspector's name does not match.
    url=r"(https://[a-z0-9-]+-{port}\.[a-z0-9.]*devtunnels\.ms)",
    ready=r"Ready to accept connections for tunnel",
    gone=r"Connection to host tunnel relay (closed|lost)|Reconnecting",
    failures=(
        Failure(r"(?i)not logged in|login (is )?required|token (has )?expired|unauthorized", f"{LOGIN}.", refused=True),
        Failure(r"(?i)tunnel not found|tunnel .* (does not exist|was not found)",
                "there is no tunnel of that name; run: devtunnel create NAME --allow-anonymous", refused=True),
        Failure(r"(?i)no such host|name or service not known|name resolution|nodename nor servname",
                "its service cannot be reached; look at the network here, or choose another tunnel."),
        Failure(r"(?i)(limit|quota).*(exceeded|reached)|too many (tunnels|requests)",
                "the account has no more tunnels; run: devtunnel list, and delete some."),
    ),
    silent="devtunnel did not say that it is ready; try it in a terminal.",
    seconds=30.0,
)  # fmt: skip

SIGNED_IN_SECONDS = 1.5
"""How long the program may take to say who is signed in; it is slow at times, and then opening will tell."""


class DevTunnel:
    """A tunnel of Microsoft's, with an account of Microsoft's or GitHub's. Everybody may post to its address.

    Microsoft's relay reads every notification on this way.

    Parameters
    ----------
    tunnel
        The name of a tunnel that was made with ``devtunnel create NAME --allow-anonymous`` and
        ``devtunnel port create NAME -p PORT``: it keeps its address. ``None`` for a new one each time.
    local_port : the port of that tunnel, on which the listener must be
    path : where to look for the program; ``None`` for PATH
    """

    name = "devtunnel"

    def __init__(self, tunnel: str | None = None, local_port: int | None = None, *, path: str | None = None) -> None:
        if tunnel is not None and not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", tunnel):
            raise SettingsMissing("A dev tunnel's name has small letters, digits, hyphens and dots.")
        if tunnel is not None and local_port is None:
            raise SettingsMissing("A named dev tunnel has a port of its own; write it as devtunnel:NAME:PORT.")
        self._tunnel = tunnel
        self.local_port = local_port
        self._path = path

    @classmethod
    def of(cls, text: str) -> DevTunnel:
        """Read ``NAME:PORT``, or nothing.

        Examples
        --------
        >>> DevTunnel.of("my-bot:3978").local_port
        3978
        """
        name, _, port = text.partition(":")
        if port and not port.isdigit():
            raise SettingsMissing("A dev tunnel is written devtunnel:NAME:PORT, with a port in digits.")
        return cls(name or None, int(port) if port else None)

    async def check(self) -> str:
        executable = locate(DEVTUNNEL, self._path)
        shown = ""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SIGNED_IN_SECONDS):
                shown = await _output(executable, "user", "show")
        if re.search(DEVTUNNEL.failures[0].pattern, shown):
            raise TunnelUnavailable(f"devtunnel is installed, but {LOGIN}")
        return f"devtunnel is installed at {executable}" + (", and somebody is signed in." if shown else ".")

    async def connect(self, port: int) -> Running:
        if self.local_port not in (None, port):
            raise TunnelUnavailable(
                f"The dev tunnel {self._tunnel} leads to port {self.local_port}, but the listener is on port {port}; "
                f"have it listen on {self.local_port}."
            )
        what = [self._tunnel] if self._tunnel else ["-p", str(port), "--allow-anonymous"]
        program = replace(DEVTUNNEL, url=DEVTUNNEL.url.replace("{port}", str(port)))
        return await start(program, [locate(program, self._path), "host", *what])


async def _output(*command: str) -> str:
    """What a program prints; it is ended when that takes too long."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
    except OSError as error:
        raise TunnelUnavailable(f"{command[0]} cannot be run ({error.strerror}); install it anew.") from None
    try:
        printed, _ = await process.communicate()
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await process.wait()
        raise
    return printed.decode(errors="replace")
