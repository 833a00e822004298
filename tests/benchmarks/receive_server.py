"""Server process that receives notifications: ``bare`` answers 202, ``ours`` is the listener.

``ours URL`` writes into that journal in place of an SQLite file. ``fresh COUNT`` prints that many tokens.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile

import uvicorn

from graphcall_nb.background import new_event_loop, serve
from graphcall_nb.journal.journal import open_journal
from graphcall_nb.listener.app import Listener
from graphcall_nb.listener.tokens import TokenChecker
from tests.listener.signing import AUDIENCE, OPENID_URL, TENANT, Signer


async def answer_202(scope, receive, send):
    await send({"type": "http.response.start", "status": 202, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


async def bare() -> None:
    config = uvicorn.Config(answer_202, http="httptools", lifespan="off", log_config=None, access_log=False, port=0)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    print(server.servers[0].sockets[0].getsockname()[1], "-", flush=True)
    await task


async def ours(where: str, tokens: int = 1) -> None:
    signer = Signer()
    checker = TokenChecker(audience=AUDIENCE, tenant_id=TENANT, openid_url=OPENID_URL, fetch=signer.fetch)
    journal = open_journal(where)
    server = await serve(Listener(journal, checker, path="/x"))
    bearers = (signer.make_bearer(jti=str(number)).decode().partition(" ")[2] for number in range(tokens))
    print(server.port, *bearers, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        loop = new_event_loop()
        kind, *rest = sys.argv[1:]
        where = rest[0] if rest and kind == "ours" else f"{folder}/journal.sqlite"
        tokens = int(rest[0]) if kind == "fresh" else 1
        loop.run_until_complete(bare() if kind == "bare" else ours(where, tokens))
