"""The ``devtunnel`` provider: Microsoft's Dev Tunnels, which Microsoft's documentation of Teams bots recommends."""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import replace

from ..errors import SettingsMissing, TunnelUnavailable
from .program import OutputPattern, Program, TunnelProcess, find_executable, start_program

NOT_SIGNED_IN = OutputPattern(
    r"(?i)not logged in|login (is )?required|token (has )?expired|unauthorized",
    "you are not signed in; run: devtunnel user login",
    refused=True,
)

DEVTUNNEL = Program(
    name="devtunnel",
    install_hint="Get it from https://learn.microsoft.com/azure/developer/dev-tunnels/get-started and run: "
    "devtunnel user login",
    # {port} is replaced. The URL without a port number has the port in its host name; the URL of the inspector has
    # more text after the port and does not match.
    url_pattern=r"(https://[a-z0-9-]+-{port}\.[a-z0-9.]*devtunnels\.ms)",
    connected_pattern=r"Ready to accept connections for tunnel",
    disconnected_pattern=r"Connection to host tunnel relay (closed|lost)|Reconnecting",
    failures=(
        NOT_SIGNED_IN,
        OutputPattern(
            r"(?i)tunnel not found|tunnel .* (does not exist|was not found)",
            "a tunnel of that name does not exist; run: devtunnel create NAME --allow-anonymous",
            refused=True,
        ),
        OutputPattern(
            r"(?i)no such host|name or service not known|name resolution|nodename nor servname",
            "its service cannot be reached; check this network, or choose another tunnel.",
        ),
        OutputPattern(
            r"(?i)(limit|quota).*(exceeded|reached)|too many (tunnels|requests)",
            "the account has reached its limit of tunnels; run: devtunnel list, and delete some.",
        ),
    ),
    timeout_message="devtunnel did not report that it is ready; try it in a terminal.",
    timeout_seconds=30.0,
)

USER_SHOW_TIMEOUT_SECONDS = 1.5
"""Time for ``devtunnel user show``, which is slow at times; without an answer, opening the tunnel will tell."""


class DevTunnel:
    """A tunnel of Microsoft, with a Microsoft or GitHub account. Its URL accepts anonymous requests.

    Microsoft's relay can read every notification.

    Parameters
    ----------
    tunnel : str, optional
        Name of a tunnel made with ``devtunnel create NAME --allow-anonymous`` and
        ``devtunnel port create NAME -p PORT``, which keeps its URL. ``None`` for a new tunnel each time.
    local_port : int, optional
        Port of the named tunnel, on which the listener must be.
    path : str, optional
        Directories in which to look for the program, as in PATH; by default PATH.
    """

    name = "devtunnel"

    def __init__(self, tunnel: str | None = None, local_port: int | None = None, *, path: str | None = None) -> None:
        if tunnel is not None and not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", tunnel):
            raise SettingsMissing("The name of a dev tunnel has lowercase letters, digits, hyphens and dots.")
        if tunnel is not None and local_port is None:
            raise SettingsMissing("A named dev tunnel needs its port; write it as devtunnel:NAME:PORT.")
        self._tunnel = tunnel
        self.local_port = local_port
        self._path = path

    @classmethod
    def parse(cls, text: str) -> DevTunnel:
        """Parse ``NAME:PORT``, or an empty text.

        Examples
        --------
        >>> DevTunnel.parse("my-bot:3978").local_port
        3978
        """
        name, _, port = text.partition(":")
        if port and not port.isdigit():
            raise SettingsMissing("Write a dev tunnel as devtunnel:NAME:PORT, with a number as the port.")
        return cls(name or None, int(port) if port else None)

    async def check(self) -> str:
        executable = find_executable(DEVTUNNEL, self._path)
        output = ""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(USER_SHOW_TIMEOUT_SECONDS):
                output = await _run(executable, "user", "show")
        if re.search(NOT_SIGNED_IN.pattern, output):
            raise TunnelUnavailable(f"devtunnel is installed, but {NOT_SIGNED_IN.message}")
        return f"devtunnel is installed at {executable}" + (", and you are signed in." if output else ".")

    async def connect(self, port: int) -> TunnelProcess:
        if self.local_port not in (None, port):
            raise TunnelUnavailable(
                f"The dev tunnel {self._tunnel} leads to port {self.local_port}, but the listener is on port {port}; "
                f"start the listener on port {self.local_port}."
            )
        target = [self._tunnel] if self._tunnel else ["-p", str(port), "--allow-anonymous"]
        program = replace(DEVTUNNEL, url_pattern=DEVTUNNEL.url_pattern.replace("{port}", str(port)))
        return await start_program(program, [find_executable(program, self._path), "host", *target])


async def _run(*command: str) -> str:
    """Run a command and return its output; kill it when the caller's time is up."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
    except OSError as error:
        raise TunnelUnavailable(f"{command[0]} cannot be run ({error.strerror}); reinstall it.") from None
    try:
        output, _ = await process.communicate()
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await process.wait()
        raise
    return output.decode(errors="replace")
