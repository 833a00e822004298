"""Generators of requests to the simulator, on all routes, in all versions."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from urllib.parse import urlencode

from hypothesis import strategies as st

from tests.simulator import published_operations as published

from .anything import SAMPLES, Request, bodies_like, changed, request_to, values
from .target import Target

COLLECTIONS = (
    "/beta/app/calls",
    "/beta/applications/{client_id}/calls",
    "/beta/communications/calls",
    "/v1.0/communications/calls",
    "/v1.0/app/calls",
)
_REMEMBERED = 50
_OPERATIONS = [
    *published.INCOMING_V1,
    *published.INCOMING_BETA_2018,
    *published.ESTABLISHED_V1,
    *published.ESTABLISHED_BETA,
    *published.ESTABLISHED_BETA_2018,
]
_BELOW = [
    "operations",
    "operations/{operation}",
    "participants",
    "participants/{participant}",
    "microsoft.graph.mute",
    "participants/{participant}/mute",
    "participants//mute",
    "nothing",
    "",
    "%2e%2e/x",
]
_FORM = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
_ENTRA = [
    ("GET", "/{tenant_id}/v2.0/.well-known/openid-configuration"),
    ("GET", "/{tenant_id}/discovery/v2.0/keys"),
    ("GET", "/v1/.well-known/OpenIdConfiguration"),
    ("GET", "/v1/.well-known/keys"),
    ("GET", "/unknown/v2.0/.well-known/openid-configuration"),
    ("GET", "/recordings/{operation}"),
    ("GET", "/simulator/calls"),
    ("GET", "/"),
    ("GET", "/%00%ff/" + "x" * 9000),
]


class SimulatorTarget(Target):
    """A simulator as fuzz target. Requests use calls, operations and participants of recent responses.

    Parameters
    ----------
    port : where it is
    info : what the simulator says of itself when it starts
    """

    def __init__(self, port: int, info: Mapping[str, str]) -> None:
        super().__init__(port, info | dict.fromkeys(("call", "operation", "participant"), "0"))
        self.info = info
        self._rng = random.Random(1)
        self._calls = [b"0"]
        self.sign_in()

    def sign_in(self) -> None:
        """Request a token; it is valid for an hour."""
        form = _FORM | {name: self.info[name] for name in ("client_id", "client_secret")}
        body = urlencode(form).encode()
        headers = {
            b"Content-Type": b"application/x-www-form-urlencoded",
            b"Content-Length": str(len(body)).encode(),
        }
        answer = self.send(Request(b"POST", b"/{tenant_id}/oauth2/v2.0/token", headers, body))
        token = json.loads(answer.partition(b"\r\n\r\n")[2])["access_token"]
        self.filled_in[b"bearer"] = b"Bearer " + token.encode()

    def learn(self, answer: bytes) -> None:
        head, _, body = answer.partition(b"\r\n\r\n")
        if found := re.search(rb"location: \S*/calls/([^/\s]+)(?:/operations/(\S+))?", head):
            self._calls = [*self._calls[-_REMEMBERED:], found[1]]
            self.filled_in[b"operation"] = found[2] or self.filled_in[b"operation"]
        if b'"participants' in body or b"isMuted" in body:
            ids = re.findall(rb'"id": "([^"]+)"', body)
            self.filled_in[b"participant"] = self._rng.choice(ids or [b"0"])
        self.filled_in[b"call"] = self._rng.choice(self._calls)


def requests_to(info: Mapping[str, str], callback: str):
    """Generate requests to a simulator; notifications go to ``callback``."""
    calls = [
        json.loads(path.read_bytes()) | {"callbackUri": callback} for path in sorted(SAMPLES.rglob("*.request.json"))
    ]
    collections = st.sampled_from(COLLECTIONS)
    return st.one_of(
        collections.flatmap(lambda path: _request("POST", path, bodies_like(calls))),
        collections.flatmap(_below),
        collections.flatmap(_below),
        st.sampled_from(_ENTRA).flatmap(lambda route: _request(*route, st.just(b""))),
        _request("POST", "/{tenant_id}/oauth2/v2.0/token", _forms(info), b"application/x-www-form-urlencoded"),
        _control(callback),
    )


def _request(method: str, path: str, bodies, content_type: bytes = b"application/json"):
    return request_to(method.encode(), path.encode(), bodies, content_type)


@st.composite
def _below(draw, collection: str):
    """Generate an operation on a call."""
    call = f"{collection}/{draw(st.sampled_from(['{call}'] * 9 + ['0', 'x' * 300, '%00']))}"
    kind = draw(st.sampled_from(["operation"] * 6 + ["read", "read", "delete", "anything"]))
    if kind == "operation":
        name, body = draw(st.sampled_from(_OPERATIONS))
        return draw(_request("POST", f"{call}/{name}", bodies_like([body]) if body else st.just(b"")))
    if kind == "delete":
        below = draw(st.sampled_from(["", "/participants/{participant}"]))
        return draw(_request("DELETE", call + below, st.just(b"")))
    below = draw(st.sampled_from(_BELOW))
    return draw(_request("GET" if kind == "read" else "POST", f"{call}/{below}", bodies_like([published.CONTEXT])))


@st.composite
def _forms(draw, info: Mapping[str, str]) -> bytes:
    """Generate a token request: valid, or with members changed or missing."""
    form = _FORM | {name: info[name] for name in ("client_id", "client_secret")}
    others = {"client_assertion": "e30.e30.x", "scope": "openid", "grant_type": "password", "client_id": "\ud800"}
    odd = draw(st.dictionaries(st.sampled_from([*form, *others]), st.text(max_size=30) | st.none(), max_size=3))
    merged = {name: value for name, value in (form | odd).items() if value is not None}
    body = urlencode(merged, errors="replace").encode()
    return draw(st.just(body) | changed(body) | st.binary(max_size=100))


@st.composite
def _control(draw, callback: str):
    """Generate control requests: ring, press keys, hang up."""
    ring = {"callbackUri": callback, "version": "v1.0", "caller": "+14255550100", "legacy": False}
    path, bodies = draw(
        st.sampled_from(
            [
                ("ring", bodies_like([ring, ring | {"version": "beta", "modalities": ["audio"], "meeting": {}}])),
                (
                    "calls/{call}/press",
                    bodies_like([{"tones": ["tone1", "pound"]}], st.fixed_dictionaries({"tones": values})),
                ),
                ("calls/{call}/hangUp", st.just(b"")),
            ]
        )
    )
    return draw(_request("POST", f"/simulator/{path}", bodies))
