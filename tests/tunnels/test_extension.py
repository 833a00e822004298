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

from graphcall_nb.jupyter_extension.handlers import EntranceHandler, Out
from graphcall_nb.jupyter_extension.routes import Routes

from .servers import Heard, jupyter, listening

TOKEN = "s3cret-token"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("jupyter")


@pytest.fixture(scope="module")
def server(folder):
    """The address of one server for all tests of this file."""
    with jupyter(folder, token=TOKEN) as (url, _):
        yield url


@pytest.fixture
async def kernel(server):
    """A client that may do what a kernel may."""
    async with httpx.AsyncClient(base_url=server, headers={"Authorization": f"token {TOKEN}"}) as client:
        yield client


@pytest.fixture
async def graph(server):
    """A client that knows nothing, as Microsoft's service."""
    async with httpx.AsyncClient(base_url=server, headers={"Authorization": "Bearer of.microsoft.com"}) as client:
        yield client


async def register(kernel, port, name="k", **more):
    answer = await kernel.post("graphcall/routes", json={"name": name, "port": port, "ttl": 60, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()["secret"]


@pytest.fixture
async def heard(kernel):
    """A listener with an entrance; ``heard.path`` is its path."""
    heard = Heard()
    async with listening(heard) as port:
        heard.path = f"graphcall/cb/{await register(kernel, port)}"
        yield heard


async def test_a_notification_comes_through_with_its_bearer(heard, graph):
    answer = await graph.post(f"{heard.path}/callbacks/x", json={"value": []})
    assert (answer.status_code, answer.text) == (202, "heard 1")
    method, path, _, headers, body = heard.requests[0]
    assert (method, path, json.loads(body)) == ("POST", "/callbacks/x", {"value": []})
    assert (headers["authorization"], headers["content-type"]) == ("Bearer of.microsoft.com", "application/json")


async def test_cookies_and_query_stay_outside(heard, graph):
    await graph.post(f"{heard.path}?token={TOKEN}", headers={"Cookie": "login=1"}, content="{}")
    _, path, query, headers, _ = heard.requests[0]
    assert (path, query, headers.get("cookie")) == ("/", "", None)


async def test_no_cookie_comes_back(heard, graph):
    answer = await graph.post(heard.path, headers={"Authorization": f"token {TOKEN}"})
    assert "set-cookie" not in answer.headers
    assert answer.headers["retry-after"] == "7"


@pytest.mark.parametrize("status", [204, 401, 503])
async def test_the_listeners_answer_comes_back(heard, graph, status):
    heard.status = status
    assert (await graph.post(heard.path)).status_code == status


async def test_a_foreign_host_header_is_no_hindrance(heard, graph):
    assert (await graph.post(heard.path, headers={"Host": "bot.example.org"})).status_code == 202


async def test_a_wrong_secret_is_nothing(heard, graph):
    assert (await graph.post("graphcall/cb/" + "x" * 43)).status_code == 404
    assert (await graph.post("graphcall/cb/")).status_code == 404
    assert heard.requests == []


def encoded(secret):
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
    """A service on another port, which the entrance must not reach; ``other.port`` is its port."""
    heard = Heard()
    async with listening(heard) as port:
        heard.port = port
        yield heard


async def post_raw(server, path):
    """Post to a path exactly as it is written; an HTTP client would normalize it. Return the status."""
    url = httpx.URL(server)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(
        f"POST {url.path}{path} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}".encode()
    )
    answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1]) if answer else None


@pytest.mark.parametrize("path", OTHER_TARGETS)
async def test_no_spelling_of_a_path_reaches_another_port(heard, other, server, path):
    secret = heard.path.rpartition("/")[2]
    status = await post_raw(
        server, "graphcall/cb/" + path.format(secret=secret, encoded=encoded(secret), port=other.port)
    )
    assert status in (400, 403, 404, 405)
    assert other.requests == heard.requests == []


@pytest.mark.parametrize("rest", STAYS_IN_THE_PATH)
async def test_what_follows_the_secret_is_only_a_path(heard, other, server, rest):
    rest = rest.format(secret=heard.path.rpartition("/")[2], port=other.port)
    assert await post_raw(server, heard.path + rest) == 202
    assert other.requests == []


async def test_a_listener_that_hangs_does_not_hold_up_others(heard, kernel, graph, server):
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as hanging:
        secret = await register(kernel, hanging.sockets[0].getsockname()[1], "hanging")
        waiting = [asyncio.create_task(post_raw(server, f"graphcall/cb/{secret}")) for _ in range(150)]
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        assert {task.result() for task in done} == {429}
        assert (await graph.post(heard.path, timeout=5)).status_code == 202
        for task in waiting:
            task.cancel()


async def test_only_post_comes_in(heard, graph):
    for method in ("GET", "PUT", "DELETE", "OPTIONS"):
        assert (await graph.request(method, heard.path)).status_code == 405
    assert heard.requests == []


async def test_a_large_body_does_not_come_in(heard, graph):
    assert (await graph.post(heard.path, content=b"x" * (1 << 20) + b"x")).status_code == 413


async def test_a_dead_listener_is_502(kernel, graph):
    secret = await register(kernel, 1024, "dead")
    assert (await graph.post(f"graphcall/cb/{secret}")).status_code == 502


async def test_a_closed_entrance_is_404_and_keeps_its_secret(heard, kernel, graph):
    assert (await kernel.delete("graphcall/routes/k")).status_code == 204
    assert (await graph.post(heard.path)).status_code == 404
    assert heard.path.endswith(await register(kernel, 1024))


async def test_a_flood_is_429():
    routes = Routes(8888, per_second=0.001, burst=3)
    secret = routes.register("k", 1024, 60).secret
    entrance = {"routes": routes, "out": Out(), "log": logging.getLogger("test"), "prefix": "/graphcall/cb/"}
    server = HTTPServer(Application([(r"/graphcall/cb/.*", EntranceHandler, entrance)]))
    (bound,) = bind_sockets(0, "127.0.0.1")
    server.add_socket(bound)
    async with httpx.AsyncClient() as graph:
        url = f"http://127.0.0.1:{bound.getsockname()[1]}/graphcall/cb/{secret}"
        answers = [await graph.post(url) for _ in range(4)]
    server.stop()
    assert [answer.status_code for answer in answers] == [502, 502, 502, 429]
    assert answers[-1].headers["retry-after"] == "1"


async def test_registering_needs_the_servers_authentication(graph, server):
    for headers in ({}, {"Authorization": "token wrong"}, {"Cookie": "login=1"}):
        async with httpx.AsyncClient(base_url=server, headers=headers) as stranger:
            answer = await stranger.post("graphcall/routes", json={"name": "k", "port": 9999, "ttl": 60})
            assert answer.status_code == 403
            assert (await stranger.get("graphcall/routes")).status_code in (302, 403)
            assert (await stranger.delete("graphcall/routes/k")).status_code == 403


async def test_registering_is_neither_activity_nor_news(kernel, folder):
    async def last_activity():
        return (await kernel.get("api/status")).json()["last_activity"]

    before, lines = await last_activity(), (folder / "jupyter.log").read_text().count("graphcall/routes")
    await register(kernel, 9999, "quiet")
    assert await last_activity() == before
    assert (folder / "jupyter.log").read_text().count("graphcall/routes") == lines


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"port": 22}, "1024 to 65535"),
        ({"port": "8080"}, "port (integer)"),
        ({"ttl": 0}, "ttl"),
        ({"ttl": 1e9}, "ttl"),
        ({"secret": "short"}, "43 to 128"),
        ({"secret": 5}, "secret may be given as text"),
        ({"name": ""}, "name (text)"),
    ],
)
async def test_what_cannot_be_registered_is_said(kernel, wrong, said):
    answer = await kernel.post("graphcall/routes", json={"name": "wrong", "port": 9999, "ttl": 60, **wrong})
    assert answer.status_code == 400
    assert said in answer.json()["reason"]


async def test_the_servers_own_port_cannot_be_registered(kernel):
    answer = await kernel.post("graphcall/routes", json={"name": "k", "port": kernel.base_url.port, "ttl": 60})
    assert answer.status_code == 400


async def test_the_list_has_no_secrets(heard, kernel):
    text = (await kernel.get("graphcall/routes")).text
    assert '"name": "k"' in text
    assert heard.path.rpartition("/")[2] not in text


async def test_no_secret_is_in_the_log(heard, graph, folder):
    secret = heard.path.rpartition("/")[2]
    for status in (202, 401, 404, 500, 503):
        heard.status = status
        await graph.post(heard.path)
    await graph.get(heard.path)
    await graph.post(f"{heard.path}/more/of/it", content=b"x" * (2 << 20))
    log = (folder / "jupyter.log").read_text()
    assert "graphcall/cb/…" in log
    assert secret not in log


def test_the_wheel_switches_the_extension_on(tmp_path):
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path], cwd=ROOT, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("graphcall_nb.json")]
        assert name.endswith(".data/data/etc/jupyter/jupyter_server_config.d/graphcall_nb.json")
        enabled = json.loads(archive.read(name))["ServerApp"]["jpserver_extensions"]
    assert enabled == {"graphcall_nb.jupyter_extension": True}
