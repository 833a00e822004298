"""Generators of requests: nearly valid JSON, arbitrary bytes, odd headers, wrong lengths and chunks."""

from __future__ import annotations

import json
import string
from pathlib import Path
from typing import NamedTuple

from hypothesis import strategies as st

SAMPLES = Path(__file__).parent.parent / "samples"

texts = st.text(max_size=30) | st.sampled_from(["\0", "😀", "\ud800", "ringing", "/app/calls/x", "a" * 3000])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12
)
line = st.binary(max_size=40).map(lambda raw: raw.translate(None, b"\r\n\0"))
huge = st.sampled_from(
    [
        b"[" * 300_000,
        b'{"value":' * 100_000,
        b'{"value": [' + b"{}," * 100_000 + b"{}]}",
        b'{"clientContext": "' + b"x" * 300_000 + b'"}',
        b'{"number": ' + b"9" * 100_000 + b"}",
        b'"' + b"x" * 5_000_000 + b'"',
    ]
)


class Request(NamedTuple):
    """One request in its bytes; the sender replaces ``{name}`` in a path or header.

    ``kept`` is how many bytes are sent before the connection is broken, where that is before the end.
    """

    method: bytes
    path: bytes
    headers: dict[bytes, bytes]
    body: bytes
    kept: int | None = None


def written(value) -> bytes:
    """Return JSON text; values outside of JSON are written as in Python."""
    return json.dumps(value, ensure_ascii=value is None or len(str(value)) % 2 == 0).encode("utf-8", "surrogatepass")


def encoded(value, encoding: str) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode(encoding, "replace")


@st.composite
def changed(draw, body: bytes) -> bytes:
    """Return the text with some bytes changed, added or removed."""
    given = bytearray(body or b"x")
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(len(given) - 1, 0)))
        given[place : place + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(given)


def paths(value, path=()):
    """Yield the path of each value inside a JSON value."""
    yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from paths(inner, (*path, key))


def replaced(value, path, other):
    """Return a JSON value with the value at a path replaced."""
    if not path:
        return other
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], other)
    return copy


@st.composite
def spoilt(draw, body, others=values):
    """Return a JSON value with one or two values replaced."""
    for _ in range(draw(st.integers(1, 2))):
        places = [path for path in paths(body) if path]
        body = replaced(body, draw(st.sampled_from(places)), draw(others)) if places else draw(others)
    return body


@st.composite
def bodies_like(draw, samples, shapes=values) -> bytes:
    """Generate a body: a sample, a modified sample, a random shape, or arbitrary bytes."""
    sample = draw(st.sampled_from(samples))
    way = draw(st.sampled_from(["right"] * 6 + ["spoilt"] * 2 + ["changed", "shape", "bytes", "encoding"]))
    if way == "spoilt":
        return written(draw(spoilt(sample)))
    if way == "changed":
        return draw(changed(written(sample)))
    if way == "shape":
        return written(draw(shapes))
    if way == "bytes":
        return draw(st.binary(max_size=200))
    if way == "encoding":
        return encoded(sample, draw(st.sampled_from(["utf-16", "utf-32", "latin-1", "utf-8-sig"])))
    return written(sample)


def chunks(body: bytes, size: int) -> bytes:
    """Return a body in chunks of a size."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in [*parts, b""])


attacks = st.sampled_from(
    [
        b"1\r\na\r\n" * 20_000,
        b"1;" + b"x" * 100_000 + b"\r\na\r\n0\r\n\r\n",
        b"0\r\n" + b"a: b\r\n" * 20_000 + b"\r\n",
        b"0\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        b"0\r\n\r\n" + b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 1000,
        b"0\r\n\r\n" + b"GET /" + b"x" * 100_000,
    ]
)
"""Ends of a chunked request that would need memory or time without limits of the server."""


odd_lengths = st.fixed_dictionaries(
    {},
    optional={
        b"Content-Length": st.sampled_from([b"-1", b"1e3", b"0", b"7", b"99999999999", b"\xb2", b""]) | line,
        b"Transfer-Encoding": st.sampled_from([b"chunked", b"identity", b"gzip", b"chunked, chunked"]) | line,
    },
)


@st.composite
def framed(draw, body: bytes) -> tuple[dict[bytes, bytes], bytes]:
    """Generate a transfer of a body: with its length, in chunks, in wrong chunks, or with a wrong length."""
    way = draw(st.sampled_from(["length"] * 7 + ["chunks", "broken chunks", "odd length", "attack"]))
    if way == "length":
        return {b"Content-Length": b"%d" % len(body)}, body
    if way == "odd length":
        return draw(odd_lengths), body
    if way == "attack":
        return {b"Transfer-Encoding": b"chunked"}, draw(attacks)
    wire = chunks(body, len(body) // 50 + draw(st.integers(1, 5000)))
    return {b"Transfer-Encoding": b"chunked"}, draw(changed(wire)) if way == "broken chunks" else wire


odd_headers = st.fixed_dictionaries(
    {},
    optional={
        b"Content-Type": st.sampled_from(
            [b"application/json", b"APPLICATION/JSON; charset=utf-8", b"text/plain", b"application/json;charset=utf-16"]
        )
        | line,
        b"Authorization": st.just(b"{bearer}") | line | line.map(lambda raw: b"Bearer " + raw),
        b"Expect": st.just(b"100-continue"),
        b"Content-Encoding": st.sampled_from([b"gzip", b"br", b"identity"]),
        b"Accept": line,
        b"client-request-id": line | st.just(b"x" * 3000),
        b"Upgrade": st.sampled_from([b"websocket", b"h2c"]),
        b"X-Anything": line | st.just(b"x" * 40_000),
    },
)
names = st.text(string.ascii_letters + "-", min_size=1, max_size=20).map(str.encode)
_METHODS = [b"GET", b"HEAD", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"TRACE", b"POST"]
odd_methods = st.sampled_from([*_METHODS, b"BREW"]) | names
queries = (
    st.just(b"")
    | st.sampled_from([b"?", b"?x=1", b"?%00=%zz&=", b"?$select=id"])
    | line.map(lambda raw: b"?" + raw)
    | st.just(b"?" + b"x" * 9000)
)


@st.composite
def request_to(draw, method: bytes, path: bytes, bodies, content_type: bytes = b"application/json") -> Request:
    """Generate a request: valid in half of the cases, otherwise odd in some respects."""
    body = draw(bodies if draw(st.integers(0, 199)) else huge)
    good = {b"Content-Type": content_type, b"Authorization": b"{bearer}"}
    if draw(st.booleans()):
        return Request(method, path, good | {b"Content-Length": b"%d" % len(body)}, body)
    odd = draw(st.sampled_from(["method", "query", "query", "headers", "headers", "framing", "framing", "end", "all"]))
    framing, wire = draw(framed(body)) if odd in ("framing", "all") else ({b"Content-Length": b"%d" % len(body)}, body)
    return Request(
        draw(odd_methods) if odd in ("method", "all") else method,
        path + (draw(queries) if odd in ("query", "all") else b""),
        (draw(odd_headers) if odd in ("headers", "all") else good) | framing,
        wire,
        draw(st.integers(1, 400)) if odd == "end" else None,
    )
