"""The tunnel through a real Jupyter server: it keeps its address through everything that is started anew."""

import asyncio
import json

import httpx
import pytest

from graphcall_nb.errors import TunnelRefused, TunnelUnavailable
from graphcall_nb.tunnels.base import Tunnel
from graphcall_nb.tunnels.choose import choose
from graphcall_nb.tunnels.jupyter import Jupyter
from graphcall_nb.tunnels.jupyter_server import Server, find_server

from .pretend import until
from .servers import Heard, free_port, jupyter, listening, run_in_kernel

TOKEN = "s3cret-token"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with jupyter(tmp_path_factory.mktemp("jupyter"), token=TOKEN) as (url, _):
        yield Server(url, TOKEN)


def provider(server, **settings):
    return Jupyter(server.url, server=server, refresh=0.1, **settings)


async def post(url, **settings):
    async with httpx.AsyncClient() as client:
        return await client.post(url, json={}, **settings)


async def test_a_notification_reaches_the_listener(server):
    heard, tunnel = Heard(), Tunnel(provider(server))
    async with listening(heard) as port:
        url = await tunnel.open(port)
        assert (await post(f"{url}/callbacks/x")).status_code == 202
        await tunnel.close()
        assert (await post(f"{url}/callbacks/x")).status_code == 404
    assert [path for _, path, *_ in heard.requests] == ["/callbacks/x"]


async def test_no_token_is_in_the_address(server):
    tunnel = Tunnel(provider(server))
    url = await tunnel.open(9999)
    await tunnel.close()
    assert TOKEN not in url
    assert TOKEN not in repr((server, tunnel, tunnel.provider))


async def test_a_restarted_kernel_keeps_the_address(server):
    urls = set()
    for port in (9999, 9998):
        tunnel = Tunnel(provider(server, name="kernel-1"))
        urls.add(await tunnel.open(port))
        await tunnel.close()
    assert len(urls) == 1


async def test_two_tunnels_of_a_kernel_do_not_meet(server):
    one, other = Tunnel(provider(server)), Tunnel(provider(server))
    assert await one.open(9999) != await other.open(9998)
    await one.close()
    await other.close()


async def test_a_server_started_anew_gets_the_same_address(tmp_path):
    port, heard = free_port(), Heard()
    async with listening(heard) as listener:
        with jupyter(tmp_path, token=TOKEN, port=port) as (url, _):
            tunnel = Tunnel(provider(Server(url, TOKEN)))
            public = await tunnel.open(listener)
        assert "does not answer" in (await until(tunnel, "lost")).reason
        with jupyter(tmp_path, token=TOKEN, port=port):
            await until(tunnel, "open")
            assert (await post(public)).status_code == 202
            assert tunnel.status.url == public
            await tunnel.close()


async def test_why_it_can_work_is_said(server):
    choice = await choose(provider(server))
    assert "has the extension" in choice.why


async def test_a_wrong_token_is_refused(server):
    with pytest.raises(TunnelRefused, match="restart the kernel"):
        await Jupyter(server.url, server=Server(server.url, "wrong")).check()


async def test_without_the_extension(tmp_path):
    off = '{"ServerApp": {"jpserver_extensions": {"graphcall_nb.jupyter_extension": false}}}'
    (tmp_path / "jupyter_config_dir").mkdir()
    (tmp_path / "jupyter_config_dir" / "jupyter_server_config.json").write_text(off)
    with jupyter(tmp_path, token=TOKEN) as (url, _), pytest.raises(TunnelUnavailable, match="pip install graphcall-nb"):
        await provider(Server(url, TOKEN)).check()


async def test_without_a_public_address():
    with pytest.raises(TunnelUnavailable, match="what the browser shows"):
        await Jupyter(environ={}).check()


async def test_what_a_hub_says_is_the_public_address(server):
    hub = {"JUPYTERHUB_PUBLIC_URL": "https://hub.example.org/user/ann/"}
    tunnel = Tunnel(Jupyter(server=server, environ=hub))
    assert (await tunnel.open(9999)).startswith("https://hub.example.org/user/ann/graphcall/cb/")
    await tunnel.close()


# ---- in a real kernel

IN_THE_KERNEL = """
import asyncio
from graphcall_nb.background import Background
from graphcall_nb.tunnels import Jupyter, Tunnel
background = Background()
background.start()
print(background.run(Tunnel(Jupyter("https://hub.example.org/user/ann/")).open({port})), end="")
"""


async def test_a_real_kernel_finds_its_server_and_keeps_its_address_when_restarted(tmp_path):
    with jupyter(tmp_path, token=TOKEN) as (url, _):
        async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"token {TOKEN}"}, timeout=60) as api:
            kernel_id = (await api.post("api/kernels", json={})).json()["id"]
            addresses = []
            for port in (9998, 9999):
                kernel = tmp_path / "jupyter_runtime_dir" / f"kernel-{kernel_id}.json"
                addresses.append(await asyncio.to_thread(run_in_kernel, kernel, IN_THE_KERNEL.format(port=port)))
                assert (await api.get("graphcall/routes")).json()["routes"][0]["port"] == port
                await api.post(f"api/kernels/{kernel_id}/restart")
    assert addresses[0].startswith("https://hub.example.org/user/ann/graphcall/cb/")
    assert addresses[0] == addresses[1]


# ---- finding the server


def info(folder, **changes):
    written = {"url": "http://localhost:8888/u/", "base_url": "/u/", "token": "t", "sock": "", "pid": 7, **changes}
    (folder / "jpserver-7.json").write_text(json.dumps(written))
    return {"JPY_PARENT_PID": "7"}


def test_the_server_that_started_the_kernel_is_found(tmp_path):
    assert find_server(info(tmp_path), tmp_path) == Server("http://127.0.0.1:8888/u/", "t")


def test_at_a_hub_the_servers_own_token_is_used(tmp_path):
    environ = info(tmp_path, token="") | {"JUPYTERHUB_API_TOKEN": "h"}
    assert find_server(environ, tmp_path).token == "h"


def test_at_a_hub_the_address_is_known_without_a_file(tmp_path):
    environ = {"JUPYTERHUB_API_TOKEN": "h", "JUPYTERHUB_SERVICE_URL": "http://0.0.0.0:8888/user/ann/"}
    assert find_server(environ, tmp_path) == Server("http://127.0.0.1:8888/user/ann/", "h")


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"token": ""}, "start it with a token"), ({"sock": "/run/jupyter.sock"}, "unix socket")],
)
def test_a_server_that_cannot_be_spoken_to(tmp_path, changes, said):
    with pytest.raises(TunnelUnavailable, match=said):
        find_server(info(tmp_path, **changes), tmp_path)


@pytest.mark.parametrize("environ", [{}, {"JPY_PARENT_PID": "8"}, {"JPY_PARENT_PID": "../7"}])
def test_elsewhere_there_is_no_server(tmp_path, environ):
    info(tmp_path)
    with pytest.raises(TunnelUnavailable, match="not a kernel"):
        find_server(environ, tmp_path)
