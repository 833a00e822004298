"""The tunnel through a real JupyterHub: its own proxy, its own way of starting servers, its own tokens."""

import asyncio
import contextlib
import os
import shutil
import sys
from pathlib import Path

import httpx
import pytest

from .servers import READY_SECONDS, Heard, free_port, listening, program, run_in_kernel

PROXY = shutil.which("configurable-http-proxy")
pytestmark = pytest.mark.skipif(PROXY is None, reason="no proxy; run: npm install -g configurable-http-proxy")

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
from graphcall_nb.tunnels import Tunnel, choose
background = Background()
background.start()
choice = background.run(choose("auto"))
print(background.run(choice.tunnel.open({port})), choice.why, sep="|", end="")
"""


@contextlib.contextmanager
def hub(folder):
    port = free_port()
    ports = {"port": port, "hub_port": free_port(), "api_port": free_port()}
    (folder / "jupyterhub_config.py").write_text(
        CONFIG.format(**ports, proxy=PROXY, python=sys.executable, folder=folder)
    )
    command = (sys.executable, "-m", "jupyterhub", "-f", folder / "jupyterhub_config.py")
    (folder / "ann").mkdir()
    before = Path.cwd()
    os.chdir(folder)  # where a hub puts its database and its secrets
    try:
        with program(*command, port=port, log=folder / "hub.log", patience=20):
            yield f"http://127.0.0.1:{port}"
    finally:
        os.chdir(before)


async def ready(client, path):
    """Wait until a page is there."""
    async with asyncio.timeout(READY_SECONDS):
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await client.get(path)).status_code == 200:
                    return
            await asyncio.sleep(0.1)


async def test_a_notification_comes_in_through_a_hub(tmp_path):
    heard = Heard()
    tester = {"Authorization": "token testers-own-token"}
    with hub(tmp_path) as url:
        async with (
            listening(heard) as port,
            httpx.AsyncClient(base_url=url, headers=tester, timeout=READY_SECONDS) as admin,
            httpx.AsyncClient(headers={"Authorization": "Bearer of.microsoft.com"}) as graph,
        ):
            await ready(admin, "/hub/api/")
            await admin.post("/hub/api/users/ann")
            assert (await admin.post("/hub/api/users/ann/server")).status_code in (201, 202)
            await ready(admin, "/user/ann/api/status")
            kernel_id = (await admin.post("/user/ann/api/kernels", json={})).json()["id"]
            kernel = tmp_path / "ann/.local/share/jupyter/runtime" / f"kernel-{kernel_id}.json"
            printed = await asyncio.to_thread(run_in_kernel, kernel, IN_THE_KERNEL.format(port=port))
            public, why = printed.split("|")
            answer = await graph.post(f"{public}/callbacks/x", json={}, headers={"Host": "hub.example.org"})
            wrong = await graph.post(f"{url}/user/ann/graphcall/cb/{'x' * 43}", json={})
            await admin.delete("/hub/api/users/ann/server")
    assert public.startswith(f"{url}/user/ann/graphcall/cb/")
    assert "has the extension" in why
    assert (answer.status_code, wrong.status_code) == (202, 404)
    (request,) = heard.requests
    assert (request[1], request[3]["authorization"]) == ("/callbacks/x", "Bearer of.microsoft.com")
    secret = public.rpartition("/")[2]
    assert secret not in (tmp_path / "hub.log").read_text()
