"""The Jupyter server extension in a real Jupyter server, switched on by what the package installs."""

import asyncio
import json
import logging
import subprocess
import sys
import zipfile
from pathlib import Path

import httpx
import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from graphcall_nb.jupyter_extension.callback_routes import CallbackRoutes
from graphcall_nb.jupyter_extension.handlers import HttpClient, ProxyHandler

from .servers import RecordingListener, run_jupyter, serve

pytestmark = pytest.mark.slow

TOKEN = "s3cret-token"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("jupyter")


@pytest.fixture(scope="module")
def server(folder):
    """Run one server for all tests of this file and yield its URL."""
    with run_jupyter(folder, token=TOKEN) as (url, _):
        yield url


@pytest.fixture
async def kernel(server):
    """Yield a client that is authenticated as a kernel is."""
    async with httpx.AsyncClient(base_url=server, headers={"Authorization": f"token {TOKEN}"}) as client:
        yield client


@pytest.fixture
async def graph(server):
    """Yield a client without the server's token, as Microsoft's service."""
    async with httpx.AsyncClient(base_url=server, headers={"Authorization": "Bearer of.microsoft.com"}) as client:
        yield client


async def register(kernel, port, name="k", **more):
    response = await kernel.post("graphcall/routes", json={"name": name, "port": port, "ttl": 60, **more})
    assert response.status_code == 200, response.text
    return response.json()["secret"]


@pytest.fixture
async def listener(kernel):
    """Serve a listener with a callback route and yield it; ``listener.path`` is the route's path."""
    listener = RecordingListener()
    async with serve(listener) as port:
        listener.path = f"graphcall/cb/{await register(kernel, port)}"
        yield listener


async def test_notification_is_proxied_with_its_bearer_token(listener, graph):
    response = await graph.post(f"{listener.path}/callbacks/x", json={"value": []})
    assert (response.status_code, response.text) == (202, "request 1")
    method, path, _, headers, body = listener.requests[0]
    assert (method, path, json.loads(body)) == ("POST", "/callbacks/x", {"value": []})
    assert (headers["authorization"], headers["content-type"]) == ("Bearer of.microsoft.com", "application/json")


async def test_cookies_and_query_are_not_proxied(listener, graph):
    await graph.post(f"{listener.path}?token={TOKEN}", headers={"Cookie": "login=1"}, content="{}")
    _, path, query, headers, _ = listener.requests[0]
    assert (path, query, headers.get("cookie")) == ("/", "", None)


async def test_cookies_of_the_listener_are_not_returned(listener, graph):
    response = await graph.post(listener.path, headers={"Authorization": f"token {TOKEN}"})
    assert "set-cookie" not in response.headers
    assert response.headers["retry-after"] == "7"


@pytest.mark.parametrize("status", [204, 401, 503])
async def test_response_of_the_listener_is_returned(listener, graph, status):
    listener.status = status
    assert (await graph.post(listener.path)).status_code == status


async def test_host_header_is_not_checked(listener, graph):
    assert (await graph.post(listener.path, headers={"Host": "bot.example.org"})).status_code == 202


async def test_unknown_secret_is_404(listener, graph):
    assert (await graph.post("graphcall/cb/" + "x" * 43)).status_code == 404
    assert (await graph.post("graphcall/cb/")).status_code == 404
    assert listener.requests == []


def percent_encode_first(secret):
    """Return the secret with its first character percent-encoded."""
    return f"%{ord(secret[0]):02X}{secret[1:]}"


OTHER_TARGETS = [
    "{encoded}/graphcall/cb/{secret}@127.0.0.1:{port}/latest",
    "x/graphcall/cb/{secret}@127.0.0.1:{port}/",
    "x%2Fgraphcall%2Fcb%2F{secret}@127.0.0.1:{port}/",
    "{encoded}",
    "{secret}%00/x",
    "{secret}@127.0.0.1:{port}/",
    "{secret}%40127.0.0.1:{port}/",
    "{secret}:{port}/",
    "{secret}\\@127.0.0.1:{port}/",
    "{secret};@127.0.0.1:{port}/",
    "{secret}/x\\@127.0.0.1:{port}/",
    "{secret}/#@127.0.0.1:{port}/",
    "//127.0.0.1:{port}/graphcall/cb/{secret}",
]
STAYS_IN_THE_PATH = [
    "/@127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "/%2F%2F127.0.0.1:{port}/",
    "/../../@127.0.0.1:{port}/",
    "/;@127.0.0.1:{port}",
    "/http://127.0.0.1:{port}/",
    "/graphcall/cb/{secret}@127.0.0.1:{port}/",
]


@pytest.fixture
async def other():
    """Serve another service, which the proxy must not reach; ``other.port`` is its port."""
    listener = RecordingListener()
    async with serve(listener) as port:
        listener.port = port
        yield listener


async def post_raw(server, path):
    """Post to a path without normalizing it, as an HTTP client would, and return the status."""
    url = httpx.URL(server)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(
        f"POST {url.path}{path} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}".encode()
    )
    response = await reader.read()
    writer.close()
    return int(response.split(b" ", 2)[1]) if response else None


@pytest.mark.parametrize("path", OTHER_TARGETS)
async def test_path_never_reaches_another_port(listener, other, server, path):
    secret = listener.path.rpartition("/")[2]
    status = await post_raw(
        server, "graphcall/cb/" + path.format(secret=secret, encoded=percent_encode_first(secret), port=other.port)
    )
    assert status in (400, 403, 404, 405)
    assert other.requests == listener.requests == []


@pytest.mark.parametrize("rest", STAYS_IN_THE_PATH)
async def test_text_after_the_secret_is_only_a_path(listener, other, server, rest):
    rest = rest.format(secret=listener.path.rpartition("/")[2], port=other.port)
    assert await post_raw(server, listener.path + rest) == 202
    assert other.requests == []


async def test_hanging_listener_does_not_delay_others(listener, kernel, graph, server):
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as hanging:
        secret = await register(kernel, hanging.sockets[0].getsockname()[1], "hanging")
        waiting = [asyncio.create_task(post_raw(server, f"graphcall/cb/{secret}")) for _ in range(150)]
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        assert {task.result() for task in done} == {429}
        assert (await graph.post(listener.path, timeout=5)).status_code == 202
        for task in waiting:
            task.cancel()


async def test_only_post_is_accepted(listener, graph):
    for method in ("GET", "PUT", "DELETE", "OPTIONS"):
        assert (await graph.request(method, listener.path)).status_code == 405
    assert listener.requests == []


async def test_large_body_is_413(listener, graph):
    assert (await graph.post(listener.path, content=b"x" * (1 << 20) + b"x")).status_code == 413


async def test_stopped_listener_is_502(kernel, graph):
    secret = await register(kernel, 1024, "dead")
    assert (await graph.post(f"graphcall/cb/{secret}")).status_code == 502


async def test_closed_route_is_404_and_keeps_its_secret(listener, kernel, graph):
    assert (await kernel.delete("graphcall/routes/k")).status_code == 204
    assert (await graph.post(listener.path)).status_code == 404
    assert listener.path.endswith(await register(kernel, 1024))


async def test_requests_above_the_rate_are_429():
    routes = CallbackRoutes(8888, requests_per_second=0.001, max_burst=3)
    secret = routes.register("k", 1024, 60).secret
    proxy = {"routes": routes, "http": HttpClient(), "log": logging.getLogger("test"), "prefix": "/graphcall/cb/"}
    server = HTTPServer(Application([(r"/graphcall/cb/.*", ProxyHandler, proxy)]))
    (server_socket,) = bind_sockets(0, "127.0.0.1")
    server.add_socket(server_socket)
    async with httpx.AsyncClient() as graph:
        url = f"http://127.0.0.1:{server_socket.getsockname()[1]}/graphcall/cb/{secret}"
        responses = [await graph.post(url) for _ in range(4)]
    server.stop()
    assert [response.status_code for response in responses] == [502, 502, 502, 429]
    assert responses[-1].headers["retry-after"] == "1"


async def test_registration_requires_the_servers_authentication(graph, server):
    for headers in ({}, {"Authorization": "token wrong"}, {"Cookie": "login=1"}):
        async with httpx.AsyncClient(base_url=server, headers=headers) as client:
            response = await client.post("graphcall/routes", json={"name": "k", "port": 9999, "ttl": 60})
            assert response.status_code == 403
            assert (await client.get("graphcall/routes")).status_code in (302, 403)
            assert (await client.delete("graphcall/routes/k")).status_code == 403


async def test_registration_is_neither_activity_nor_logged(kernel, folder):
    async def last_activity():
        return (await kernel.get("api/status")).json()["last_activity"]

    before, lines = await last_activity(), (folder / "jupyter.log").read_text().count("graphcall/routes")
    await register(kernel, 9999, "quiet")
    assert await last_activity() == before
    assert (folder / "jupyter.log").read_text().count("graphcall/routes") == lines


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"port": 22}, "1024 to 65535"),
        ({"port": "8080"}, "port (integer)"),
        ({"ttl": 0}, "ttl"),
        ({"ttl": 1e9}, "ttl"),
        ({"secret": "short"}, "43 to 128"),
        ({"secret": 5}, "secret is an optional text"),
        ({"name": ""}, "name (text)"),
    ],
)
async def test_invalid_registration_is_400_with_the_reason(kernel, change, message):
    response = await kernel.post("graphcall/routes", json={"name": "wrong", "port": 9999, "ttl": 60, **change})
    assert response.status_code == 400
    assert message in response.json()["reason"]


async def test_port_of_the_server_cannot_be_registered(kernel):
    response = await kernel.post("graphcall/routes", json={"name": "k", "port": kernel.base_url.port, "ttl": 60})
    assert response.status_code == 400


async def test_list_of_routes_has_no_secrets(listener, kernel):
    text = (await kernel.get("graphcall/routes")).text
    assert '"name": "k"' in text
    assert listener.path.rpartition("/")[2] not in text


async def test_log_has_no_secret(listener, graph, folder):
    secret = listener.path.rpartition("/")[2]
    for status in (202, 401, 404, 500, 503):
        listener.status = status
        await graph.post(listener.path)
    await graph.get(listener.path)
    await graph.post(f"{listener.path}/more/of/it", content=b"x" * (2 << 20))
    log = (folder / "jupyter.log").read_text()
    assert "graphcall/cb/…" in log
    assert secret not in log


def test_wheel_enables_the_extension(tmp_path):
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path], cwd=ROOT, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("graphcall_nb.json")]
        assert name.endswith(".data/data/etc/jupyter/jupyter_server_config.d/graphcall_nb.json")
        enabled = json.loads(archive.read(name))["ServerApp"]["jpserver_extensions"]
    assert enabled == {"graphcall_nb.jupyter_extension": True}
