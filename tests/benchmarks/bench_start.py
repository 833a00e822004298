"""Start to first answered call: a new process each time, its start-up subtracted.

Baselines: bare httpx that posts the same body to the same service; Microsoft's msgraph-sdk doing the same (left out
where it is not installed: it is 400 MB).
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import time

from .measure import Row, process, rounds, show

BARE = """
import httpx
body = {"@odata.type": "#microsoft.graph.call", "callbackUri": "https://bot.contoso.com/callback",
        "targets": [{"identity": {"user": {"id": "112f7296"}}}], "requestedModalities": ["audio"]}
with httpx.Client() as client:
    client.post("URL/beta/app/calls", json=body, headers={"Authorization": "Bearer x"}).raise_for_status().json()
"""

OURS = """
import asyncio, httpx
import graphcall_nb as gc
class Known(httpx.Auth):
    def auth_flow(self, request):
        request.headers["Authorization"] = "Bearer x"
        yield request
async def main():
    async with gc.AsyncCalls(auth=Known(), base_url="URL") as calls:
        await calls.create(gc.Call(callback_uri="https://bot.contoso.com/callback"))
asyncio.run(main())
"""

SESSION = """
import graphcall_nb as gc
with gc.simulate(speed=1000) as session:
    session.create_call(gc.templates.peer_to_peer()).wait_for("established", timeout=10)
"""

MSGRAPH = """
import asyncio
from kiota_abstractions.authentication import AnonymousAuthenticationProvider
from kiota_http.httpx_request_adapter import HttpxRequestAdapter
from msgraph import GraphServiceClient
from msgraph.generated.models.call import Call
adapter = HttpxRequestAdapter(AnonymousAuthenticationProvider())
adapter.base_url = "URL/v1.0"
asyncio.run(GraphServiceClient(request_adapter=adapter).communications.calls.post(Call()))
"""


def seconds(code: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="only to see that it works")
    repeats = 1 if parser.parse_args().small else 9
    codes = {"nothing": "pass", "bare": BARE, "ours": OURS, "session": SESSION}
    if importlib.util.find_spec("msgraph"):
        codes["msgraph"] = MSGRAPH
    with process("client_server") as server:
        url = server.stdout.readline().strip()
        here = {name: code.replace("URL", url) for name, code in codes.items()}
        variants = {name: (lambda code=code: seconds(code)) for name, code in here.items()}
        taken = rounds(repeats, variants)
    show("Import to first answered call", list(table({name: taken[name] - taken["nothing"] for name in codes})))


def table(taken: dict[str, float]) -> list[Row]:
    bare, ours, session = taken["bare"], taken["ours"], taken["session"]
    found = [
        ("bare httpx, first answered call", f"{bare * 1e3:.0f} ms", "1.00", ""),
        ("AsyncCalls, first answered call", f"{ours * 1e3:.0f} ms", f"{ours / bare:.2f}", "≤ 2 times"),
    ]
    if "msgraph" in taken:
        found.append(("msgraph-sdk, first answered call", f"{taken['msgraph'] * 1e3:.0f} ms", "1.00", ""))
    whole = f"{session / taken['msgraph']:.2f}" if "msgraph" in taken else ""
    return [*found, ("simulate(), first established call", f"{session * 1e3:.0f} ms", whole, "< msgraph-sdk (2.3 s)")]


if __name__ == "__main__":
    main()
