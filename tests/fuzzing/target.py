"""Fuzz target: a running server whose responses are counted."""

from __future__ import annotations

import contextlib
import re
import socket
import struct
from collections import Counter
from collections.abc import Mapping

from .anything import Request

PATIENCE = 1.0
"""Seconds to wait for a response."""

EXPECTED = frozenset({0, 200, 201, 202, 204, 302, 400, 401, 403, 404, 405, 413, 414, 415, 429, 431})
"""Allowed statuses; 0 is a connection closed without a response, as after a request that is not HTTP."""

_LINGER_NOT = struct.pack("ii", 1, 0)


class Target:
    """Sender of requests to a local port. ``filled_in`` has the values for ``{name}`` in paths and headers."""

    def __init__(self, port: int, filled_in: Mapping[str, str]) -> None:
        self._port = port
        self.filled_in = {name.encode(): value.encode() for name, value in filled_in.items()}
        self.answers: Counter[int] = Counter()

    def check(self, request: Request) -> None:
        """Send a request and check that the status is allowed."""
        answer = self.send(request)
        status = int(answer.split(b" ")[1]) if answer.startswith(b"HTTP/1.1 ") else 0
        self.answers[status] += 1
        assert status in EXPECTED, f"{status} for {request}"
        self.learn(answer)

    def learn(self, answer: bytes) -> None:
        """Collect values for later requests."""

    def send(self, request: Request) -> bytes:
        """Return the response; empty if the connection was closed or the server waits for more."""
        lines = [name + b": " + self._filled(value) for name, value in request.headers.items()]
        head = [request.method + b" " + self._filled(request.path) + b" HTTP/1.1", b"Host: x", b"Connection: close"]
        raw = b"\r\n".join([*head, *lines, b"", request.body])
        with socket.create_connection(("127.0.0.1", self._port), timeout=PATIENCE) as connection:
            if request.kept is not None and request.kept < len(raw):
                connection.sendall(raw[: request.kept])
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)  # a reset, not an end
                return b""
            return _exchanged(connection, raw).removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _filled(self, template: bytes) -> bytes:
        return re.sub(rb"\{(\w+)\}", lambda found: self.filled_in.get(found[1], found[0]), template)


def _exchanged(connection: socket.socket, raw: bytes) -> bytes:
    with contextlib.suppress(BrokenPipeError, ConnectionResetError, TimeoutError):  # it may answer before all is sent
        connection.sendall(raw)
    answer = _received(connection)
    if answer is None:  # it waits for a body that is longer than what was sent
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(60)
        answer = _received(connection)
    return answer or b""


def _received(connection: socket.socket) -> bytes | None:
    """Read until the connection is closed; ``None`` if nothing arrives."""
    received = b""
    try:
        while part := connection.recv(65536):
            received += part
    except TimeoutError:
        return received or None
    except ConnectionResetError:
        pass
    return received
