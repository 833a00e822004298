"""Key servers that send too much, something else or a redirect."""

import gzip
from contextlib import AsyncExitStack

import httpx
import pytest

from graphcall_nb.background import serve
from graphcall_nb.listener.config import CallbackConfig
from graphcall_nb.listener.serve import MAX_KEYS_BYTES, serve_listener

from .signing import AUDIENCE, TENANT, Signer


class KeyServer:
    """Sends ``parts`` with a status and headers, and collects the paths of the requests."""

    def __init__(self, status, headers, parts):
        self.response, self.parts, self.paths = (status, headers), parts, []

    async def __call__(self, scope, receive, send):
        self.paths.append(scope["path"])
        status, headers = self.response
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for part in self.parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


SERVERS = {
    "redirect": (302, [(b"location", b"/elsewhere")], []),
    "permanent redirect": (308, [(b"location", b"/elsewhere")], []),
    "too long": (200, [], [b" " * 65536] * (MAX_KEYS_BYTES // 65536 + 1)),
    "compressed": (200, [(b"content-encoding", b"gzip")], [gzip.compress(b'{"jwks_uri": ""}')]),
    "not JSON": (200, [], [b"<html>"]),
    "nested": (200, [], [b"[" * 100_000]),
    "a list": (200, [], [b"[]"]),
}


@pytest.mark.parametrize("kind", SERVERS)
async def test_other_documents_are_refused(kind):
    keys = KeyServer(*SERVERS[kind])
    async with AsyncExitStack() as stack:
        server = await serve(keys)
        stack.push_async_callback(server.close)
        callback = CallbackConfig(audience=AUDIENCE, tenant_id=TENANT, openid_url=f"{server.url}/openid", path="/x")
        _, listening = await serve_listener(stack, None, callback)
        http = await stack.enter_async_context(httpx.AsyncClient())
        headers = {"authorization": Signer().make_bearer().decode(), "content-type": "application/json"}
        response = await http.post(f"{listening.url}/x", content=b"{}", headers=headers)
    assert (response.status_code, keys.paths) == (503, ["/openid"])
