"""The tunnel through a real JupyterHub, with its proxy, spawner and tokens."""

import asyncio
import contextlib
import os
import shutil
import sys
from pathlib import Path

import httpx
import pytest

from .servers import START_TIMEOUT_SECONDS, RecordingListener, free_port, run_in_kernel, run_program, serve

PROXY = shutil.which("configurable-http-proxy")
pytestmark = [
    pytest.mark.skipif(PROXY is None, reason="no proxy; run: npm install -g configurable-http-proxy"),
    pytest.mark.slow,
]

CONFIG = """
c.JupyterHub.bind_url = c.JupyterHub.public_url = "http://127.0.0.1:{port}/"
c.JupyterHub.hub_port = {hub_port}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api_port}"
c.ConfigurableHTTPProxy.command = ["{proxy}"]
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.spawner_class = "simple"
c.Authenticator.allow_all = True
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/{{username}}"
c.Spawner.cmd = ["{python}", "-m", "jupyterhub.singleuser"]
c.Spawner.args = ["--allow-root", "--debug"]
c.JupyterHub.services = [{{"name": "tester", "api_token": "testers-own-token"}}]
c.JupyterHub.load_roles = [
    {{"name": "tester", "services": ["tester"], "scopes": ["admin:users", "admin:servers", "access:servers"]}}
]
"""

IN_THE_KERNEL = """
from graphcall_nb.background import Background
from graphcall_nb.tunnels import Tunnel, select_tunnel
background = Background()
background.start()
selected = background.run(select_tunnel("auto"))
print(background.run(selected.tunnel.open({port})), selected.reason, sep="|", end="")
"""


@contextlib.contextmanager
def run_hub(folder):
    port = free_port()
    ports = {"port": port, "hub_port": free_port(), "api_port": free_port()}
    (folder / "jupyterhub_config.py").write_text(
        CONFIG.format(**ports, proxy=PROXY, python=sys.executable, folder=folder)
    )
    command = (sys.executable, "-m", "jupyterhub", "-f", folder / "jupyterhub_config.py")
    (folder / "ann").mkdir()
    before = Path.cwd()
    os.chdir(folder)  # the Hub writes its database and secrets here
    try:
        with run_program(*command, port=port, log=folder / "hub.log", exit_timeout=20):
            yield f"http://127.0.0.1:{port}"
    finally:
        os.chdir(before)


async def wait_until_ready(client, path):
    """Wait until a page is available."""
    async with asyncio.timeout(START_TIMEOUT_SECONDS):
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await client.get(path)).status_code == 200:
                    return
            await asyncio.sleep(0.1)


async def test_notification_through_a_hub(tmp_path):
    listener = RecordingListener()
    admin_headers = {"Authorization": "token testers-own-token"}
    with run_hub(tmp_path) as url:
        async with (
            serve(listener) as port,
            httpx.AsyncClient(base_url=url, headers=admin_headers, timeout=START_TIMEOUT_SECONDS) as admin,
            httpx.AsyncClient(headers={"Authorization": "Bearer of.microsoft.com"}) as graph,
        ):
            await wait_until_ready(admin, "/hub/api/")
            await admin.post("/hub/api/users/ann")
            assert (await admin.post("/hub/api/users/ann/server")).status_code in (201, 202)
            await wait_until_ready(admin, "/user/ann/api/status")
            kernel_id = (await admin.post("/user/ann/api/kernels", json={})).json()["id"]
            kernel = tmp_path / "ann/.local/share/jupyter/runtime" / f"kernel-{kernel_id}.json"
            output = await asyncio.to_thread(run_in_kernel, kernel, IN_THE_KERNEL.format(port=port))
            public, reason = output.split("|")
            response = await graph.post(f"{public}/callbacks/x", json={}, headers={"Host": "hub.example.org"})
            wrong = await graph.post(f"{url}/user/ann/graphcall/cb/{'x' * 43}", json={})
            await admin.delete("/hub/api/users/ann/server")
    assert public.startswith(f"{url}/user/ann/graphcall/cb/")
    assert "has the extension" in reason
    assert (response.status_code, wrong.status_code) == (202, 404)
    (request,) = listener.requests
    assert (request[1], request[3]["authorization"]) == ("/callbacks/x", "Bearer of.microsoft.com")
    secret = public.rpartition("/")[2]
    assert secret not in (tmp_path / "hub.log").read_text()
