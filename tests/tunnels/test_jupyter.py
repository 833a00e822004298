"""The tunnel through a real Jupyter server: its URL survives restarts of kernel and server."""

import asyncio
import json

import httpx
import pytest

from graphcall_nb.errors import TunnelRefused, TunnelUnavailable
from graphcall_nb.tunnels import Jupyter, Tunnel, select_tunnel
from graphcall_nb.tunnels.jupyter import JupyterServer, find_server

from .fakes import wait_for_state
from .servers import RecordingListener, free_port, run_in_kernel, run_jupyter, serve

pytestmark = pytest.mark.slow

TOKEN = "s3cret-token"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with run_jupyter(tmp_path_factory.mktemp("jupyter"), token=TOKEN) as (url, _):
        yield JupyterServer(url, TOKEN)


def make_provider(server, **settings):
    return Jupyter(server.url, server=server, renew_interval=0.1, **settings)


async def post(url, **settings):
    async with httpx.AsyncClient() as client:
        return await client.post(url, json={}, **settings)


async def test_notification_reaches_the_listener(server):
    listener, tunnel = RecordingListener(), Tunnel(make_provider(server))
    async with serve(listener) as port:
        url = await tunnel.open(port)
        assert (await post(f"{url}/callbacks/x")).status_code == 202
        await tunnel.close()
        assert (await post(f"{url}/callbacks/x")).status_code == 404
    assert [path for _, path, *_ in listener.requests] == ["/callbacks/x"]


async def test_url_has_no_token(server):
    tunnel = Tunnel(make_provider(server))
    url = await tunnel.open(9999)
    await tunnel.close()
    assert TOKEN not in url
    assert TOKEN not in repr((server, tunnel, tunnel.provider))


async def test_restarted_kernel_keeps_the_url(server):
    urls = set()
    for port in (9999, 9998):
        tunnel = Tunnel(make_provider(server, route_name="kernel-1"))
        urls.add(await tunnel.open(port))
        await tunnel.close()
    assert len(urls) == 1


async def test_two_tunnels_of_a_kernel_have_different_urls(server):
    one, other = Tunnel(make_provider(server)), Tunnel(make_provider(server))
    assert await one.open(9999) != await other.open(9998)
    await one.close()
    await other.close()


async def test_url_survives_a_restart_of_the_server(tmp_path):
    port, listener = free_port(), RecordingListener()
    async with serve(listener) as listener_port:
        with run_jupyter(tmp_path, token=TOKEN, port=port) as (url, _):
            tunnel = Tunnel(make_provider(JupyterServer(url, TOKEN)))
            public = await tunnel.open(listener_port)
        assert "does not answer" in (await wait_for_state(tunnel, "lost")).reason
        with run_jupyter(tmp_path, token=TOKEN, port=port):
            await wait_for_state(tunnel, "open")
            assert (await post(public)).status_code == 202
            assert tunnel.status.url == public
            await tunnel.close()


async def test_selection_gives_the_reason(server):
    selected = await select_tunnel(make_provider(server))
    assert "has the extension" in selected.reason


async def test_wrong_token_is_refused(server):
    with pytest.raises(TunnelRefused, match="restart the kernel"):
        await Jupyter(server.url, server=JupyterServer(server.url, "wrong")).check()


async def test_server_without_the_extension(tmp_path):
    off = '{"ServerApp": {"jpserver_extensions": {"graphcall_nb.jupyter_extension": false}}}'
    (tmp_path / "jupyter_config_dir").mkdir()
    (tmp_path / "jupyter_config_dir" / "jupyter_server_config.json").write_text(off)
    with (
        run_jupyter(tmp_path, token=TOKEN) as (url, _),
        pytest.raises(TunnelUnavailable, match="pip install graphcall-nb"),
    ):
        await make_provider(JupyterServer(url, TOKEN)).check()


async def test_unknown_public_url():
    with pytest.raises(TunnelUnavailable, match="the address in your browser"):
        await Jupyter(environ={}).check()


async def test_public_url_comes_from_the_hub(server):
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


async def test_real_kernel_finds_its_server_and_keeps_its_url_after_a_restart(tmp_path):
    with run_jupyter(tmp_path, token=TOKEN) as (url, _):
        async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"token {TOKEN}"}, timeout=60) as api:
            kernel_id = (await api.post("api/kernels", json={})).json()["id"]
            urls = []
            for port in (9998, 9999):
                kernel = tmp_path / "jupyter_runtime_dir" / f"kernel-{kernel_id}.json"
                urls.append(await asyncio.to_thread(run_in_kernel, kernel, IN_THE_KERNEL.format(port=port)))
                assert (await api.get("graphcall/routes")).json()["routes"][0]["port"] == port
                await api.post(f"api/kernels/{kernel_id}/restart")
    assert urls[0].startswith("https://hub.example.org/user/ann/graphcall/cb/")
    assert urls[0] == urls[1]


# ---- finding the server


def write_server_info(folder, **changes):
    """Write the info file of a server and return the environment of its kernels."""
    info = {"url": "http://localhost:8888/u/", "base_url": "/u/", "token": "t", "sock": "", "pid": 7, **changes}
    (folder / "jpserver-7.json").write_text(json.dumps(info))
    return {"JPY_PARENT_PID": "7"}


def test_server_that_started_the_kernel_is_found(tmp_path):
    assert find_server(write_server_info(tmp_path), tmp_path) == JupyterServer("http://127.0.0.1:8888/u/", "t")


def test_token_of_the_hub_is_used(tmp_path):
    environ = write_server_info(tmp_path, token="") | {"JUPYTERHUB_API_TOKEN": "h"}
    assert find_server(environ, tmp_path).token == "h"


def test_url_from_the_hub_without_an_info_file(tmp_path):
    environ = {"JUPYTERHUB_API_TOKEN": "h", "JUPYTERHUB_SERVICE_URL": "http://0.0.0.0:8888/user/ann/"}
    assert find_server(environ, tmp_path) == JupyterServer("http://127.0.0.1:8888/user/ann/", "h")


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"token": ""}, "start it with a token"), ({"sock": "/run/jupyter.sock"}, "unix socket")],
)
def test_server_that_a_kernel_cannot_use(tmp_path, changes, message):
    with pytest.raises(TunnelUnavailable, match=message):
        find_server(write_server_info(tmp_path, **changes), tmp_path)


@pytest.mark.parametrize("environ", [{}, {"JPY_PARENT_PID": "8"}, {"JPY_PARENT_PID": "../7"}])
def test_kernel_without_a_server(tmp_path, environ):
    write_server_info(tmp_path)
    with pytest.raises(TunnelUnavailable, match="not a kernel"):
        find_server(environ, tmp_path)
