"""Anything at all, sent to a listener over a real socket: no 500, no traceback, no growth of memory.

``python -m tests.receive.fuzzing 600 [journal URL]`` does for so many seconds what ``test_fuzz.py`` does briefly.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from .service import CODE_OF_THE_PROJECT, running_service

PATH = "/fuzzed"
SAMPLES = [
    path.read_bytes() for path in sorted((Path(__file__).parent.parent / "samples").rglob("notification_*.json"))
]
EXPECTED = {202, 204, 400, 401, 404, 405, 413, 415}

texts = st.text(max_size=30) | st.sampled_from(["\0", "😀", "\ud800", "ringing", "/app/calls/x", "a" * 3000])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12
)
entity = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("@odata.type", "@odata.etag", "id", "state", "direction", "answeredBy", "activeModalities"), values
    )
    | {
        "toneInfo": values | st.fixed_dictionaries({"tone": values}),
        "resultInfo": values | st.fixed_dictionaries({"code": values, "subcode": values, "message": values}),
    },
)
item = st.fixed_dictionaries(
    {},
    optional={
        "changeType": values | st.sampled_from(["created", "updated", "deleted"]),
        "resource": values | st.just("/app/calls/57"),
        "resourceUrl": values | st.just("/communications/calls/57/participants"),
        "resourceData": values | entity | st.lists(entity, max_size=3),
    },
)
envelope = st.fixed_dictionaries(
    {"value": st.lists(item | values, max_size=4) | values}, optional={"@odata.type": values}
)


def written(value) -> bytes:
    """As JSON; what JSON has no word for is written as Python would."""
    return json.dumps(value, ensure_ascii=value is None or len(str(value)) % 2 == 0).encode("utf-8", "surrogatepass")


@st.composite
def mutated(draw) -> bytes:
    """A published notification with some bytes changed, added or left out."""
    body = bytearray(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(body) - 1))
        body[place : place + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(body)


bodies = envelope.map(written) | values.map(written) | mutated() | st.binary(max_size=200) | st.sampled_from(SAMPLES)
line = st.binary(max_size=40).map(lambda raw: raw.translate(None, b"\r\n\0"))
headers = st.fixed_dictionaries(
    {},
    optional={
        b"Content-Type": st.sampled_from([b"application/json", b"APPLICATION/JSON; charset=utf-8", b"text/plain"])
        | line,
        b"Authorization": st.just(b"good") | line | line.map(lambda raw: b"Bearer " + raw),
        b"Content-Length": st.just(b"right") | st.sampled_from([b"-1", b"1e3", b"99999999999", b"\xb2", b""]) | line,
        b"Transfer-Encoding": st.sampled_from([b"chunked", b"identity", b"gzip"]),
        b"Expect": st.just(b"100-continue"),
        b"X-Anything": line,
    },
)
good = st.just({b"Content-Type": b"application/json", b"Authorization": b"good", b"Content-Length": b"right"})
requests = st.tuples(
    st.sampled_from([b"POST"] * 8 + [b"GET", b"PUT", b"BREW"]),
    st.sampled_from([PATH.encode()] * 8 + [b"/", b"/%00", b"*", b"/fuzzed/..", b"/fuzzed?x=1"]),
    good | headers,
    bodies,
)


PATIENCE = 1.0
"""Seconds after which an answer is not expected any more."""

LONG = settings(
    max_examples=2000, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), deadline=None
)


class Target:
    """A listener that is up; counts what it answers."""

    def __init__(self, port: int, bearer: str) -> None:
        self._port = port
        self._bearer = bearer.encode()
        self.answers: Counter[int] = Counter()

    def send(self, request) -> int:
        """The status of its answer; 0 when it closed the connection without one, or waits for more."""
        method, path, given_headers, body = request
        special = {b"good": self._bearer, b"right": str(len(body)).encode()}
        lines = [name + b": " + special.get(value, value) for name, value in given_headers.items()]
        raw = b"\r\n".join([method + b" " + path + b" HTTP/1.1", b"Host: x", b"Connection: close", *lines, b"", body])
        with socket.create_connection(("127.0.0.1", self._port), timeout=PATIENCE) as connection:
            connection.sendall(raw)
            answer = _received(connection)
            if answer is None:  # it waits for a body that is longer than what was sent
                connection.shutdown(socket.SHUT_WR)
                connection.settimeout(60)
                answer = _received(connection) or b""
        answer = answer.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
        status = int(answer.split(b" ")[1]) if answer.startswith(b"HTTP/1.1 ") else 0
        self.answers[status] += 1
        return status


def _received(connection: socket.socket) -> bytes | None:
    """What comes until the connection is closed; ``None`` when nothing comes."""
    received = b""
    try:
        while part := connection.recv(65536):
            received += part
    except TimeoutError:
        return received or None
    except ConnectionResetError:
        pass
    return received


def check(target: Target, request) -> None:
    status = target.send(request)
    assert status in EXPECTED | {0}, f"{status} for {request}"


def main(seconds: float, journal: str = "") -> int:
    with tempfile.TemporaryDirectory() as folder, running_service() as service:
        where = journal or f"{folder}/journal.sqlite"
        command = [*CODE_OF_THE_PROJECT, "listen", "--json", "--path", PATH, "--journal", where, *service.options]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
            url = json.loads(running.stdout.readline())["callback_url"]
            target = Target(int(url.split(":")[2].partition("/")[0]), service.bearer)

            @LONG
            @given(requests)
            def fuzz(request) -> None:
                check(target, request)

            end = time.monotonic() + seconds
            memory = []
            try:
                while time.monotonic() < end:
                    fuzz()
                    memory.append(_resident(running.pid))
            finally:
                running.terminate()
            complaints = running.stderr.read()
    print(f"{sum(target.answers.values())} requests; answers {dict(target.answers.most_common())}")
    print(f"memory after each 2000: {memory[0]:.1f} MB, …, {memory[-1]:.1f} MB; said on stderr: {complaints!r}")
    return 0


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), *sys.argv[2:]))
