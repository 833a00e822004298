"""From a signed notification to a data frame in a kernel, through HTTPS, Caddy, sshd and a forwarded port."""

import json

import httpx
import pytest
from jupyter_client.manager import start_new_kernel

from graphcall_nb.simulator.delivery import PostResponse
from tests.session.service import make_parameters, serve_simulator

from .servers import START_TIMEOUT_SECONDS, run_cell
from .ssh_server import SshServer, needs_caddy, needs_sshd, run_caddy

pytestmark = [needs_sshd, needs_caddy, pytest.mark.slow]

SETUP_CELL = """
import json, time
import graphcall_nb as gc
from graphcall_nb.tunnels import Ssh

settings = json.loads({settings!r})
session = gc.connect(**settings, tunnel=Ssh("127.0.0.1", **json.loads({ssh!r})))
states = []
session.tunnel.watch(lambda status: states.append(status.state))

def run_call():
    call = session.create_call(gc.templates.peer_to_peer())
    call.wait_for("established", timeout=60)
    call.hang_up()
    call.wait_for("terminated", timeout=60)
    return call.id

def wait_for(state):
    while state not in states:
        time.sleep(0.02)
"""

STATES_CELL = """
frame = session.intervals()
print(json.dumps(frame.groupby("call_id")["state"].agg(list).to_dict()))
"""


@pytest.fixture
def run(tmp_path):
    """Start a kernel and yield a function that runs a cell and returns its output."""
    manager, client = start_new_kernel(cwd=str(tmp_path), startup_timeout=START_TIMEOUT_SECONDS)
    yield lambda code: run_cell(client, code)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def make_post(ssl_context):
    """Return a function for ``Simulator(post=)`` that trusts the authority of the test's Caddy."""

    async def post(url, headers, content):
        async with httpx.AsyncClient(verify=ssl_context) as client:
            response = await client.post(url, headers=dict(headers), content=content)
        return PostResponse(response.status_code, response.headers.get("location", ""))

    return post


def test_calls_before_and_after_the_server_was_killed(tmp_path, run):
    sshd = SshServer.prepare(tmp_path)
    with (
        run_caddy(tmp_path, sshd.remote_port) as (url, ssl_context),
        serve_simulator(post=make_post(ssl_context)) as info,
    ):
        settings = make_parameters(info) | {"journal": str(tmp_path / "calls.sqlite")}
        with sshd.run():
            run(SETUP_CELL.format(settings=json.dumps(settings), ssh=json.dumps(sshd.settings(url=url))))
            first = run("print(run_call(), end='')")
            sshd.kill()
            run("wait_for('reopening')")
        with sshd.run():
            run("wait_for('open')")
            second = run("print(run_call(), end='')")
            states = json.loads(run(STATES_CELL))
            run("session.close()")
    assert set(states) == {first, second}
    assert all(visited[0] == "establishing" and visited[-1] == "terminated" for visited in states.values())
