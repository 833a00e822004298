"""Server that answers every POST with the documented 201, for the client's benchmark."""

from __future__ import annotations

import asyncio
from pathlib import Path

from graphcall_nb.background import new_event_loop, serve

ANSWER = (Path(__file__).parents[1] / "samples" / "beta" / "peer_to_peer.response.json").read_bytes()
HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(ANSWER))]


async def created(scope, receive, send):
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 201, "headers": HEADERS})
    await send({"type": "http.response.body", "body": ANSWER})


async def main() -> None:
    print((await serve(created)).url, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    new_event_loop().run_until_complete(main())
