"""From a signed notification to a data frame in a kernel, by HTTPS, Caddy, sshd and a forwarded port."""

import json

import httpx
import pytest
from jupyter_client.manager import start_new_kernel

from tests.session.service import parameters, serving

from .servers import READY_SECONDS, run_cell
from .way import SshServer, caddy, needs_caddy, needs_sshd

pytestmark = [needs_sshd, needs_caddy]

BEGIN = """
import json, time
import graphcall_nb as gc
from graphcall_nb.tunnels import Ssh

given = json.loads({given!r})
way = Ssh("127.0.0.1", **json.loads({ssh!r}))
session = gc.connect(**given, tunnel=way)
seen = []
session.tunnel.watch(lambda status: seen.append(status.state))

def a_whole_call():
    call = session.create_call(gc.templates.peer_to_peer())
    call.wait_for("established", timeout=60)
    call.hang_up()
    call.wait_for("terminated", timeout=60)
    return call.id

def wait_for(state):
    while state not in seen:
        time.sleep(0.02)
"""

WHAT_CAME = """
frame = session.intervals()
print(json.dumps(frame.groupby("call_id")["state"].agg(list).to_dict()))
"""


@pytest.fixture
def cells(tmp_path):
    """A real kernel: runs cells, one after the other, and gives what they print."""
    manager, client = start_new_kernel(cwd=str(tmp_path), startup_timeout=READY_SECONDS)
    yield lambda code: run_cell(client, code)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_calls_before_and_after_a_server_that_was_killed(tmp_path, cells):
    sshd = SshServer.prepare(tmp_path)
    with (
        caddy(tmp_path, sshd.remote_port) as (url, trusted),
        serving(transport=httpx.AsyncHTTPTransport(verify=trusted)) as info,
    ):
        given = parameters(info) | {"journal": str(tmp_path / "calls.sqlite")}
        with sshd.running():
            cells(BEGIN.format(given=json.dumps(given), ssh=json.dumps(sshd.settings(url=url))))
            first = cells("print(a_whole_call(), end='')")
            sshd.kill()
            cells("wait_for('reopening')")
        with sshd.running():
            cells("wait_for('open')")
            second = cells("print(a_whole_call(), end='')")
            came = json.loads(cells(WHAT_CAME))
            cells("session.close()")
    assert set(came) == {first, second}
    assert all(states[0] == "establishing" and states[-1] == "terminated" for states in came.values())
