"""A listener in a process of its own: watched, restarted, gone with its parent, deaf to what that one is busy with."""

import json
import os
import signal
import subprocess
import sys
import time

import httpx
import pytest

import graphcall_nb as gc
from graphcall_nb.errors import JournalError
from graphcall_nb.journal.journal import open_journal
from graphcall_nb.listener.config import CallbackConfig
from graphcall_nb.listener.process import IsolatedListener

pytestmark = pytest.mark.slow


@pytest.fixture(params=[True, False], ids=["lent socket", "same port"])
def listener(request, background, service, tmp_path):
    callback = CallbackConfig(**service.callback)
    made = IsolatedListener(str(tmp_path / "journal.sqlite"), callback, shares_socket=request.param)
    background.run(made.start())
    yield made
    background.run(made.close())


def call_ids(path):
    journal = open_journal(path)
    try:
        return [record.call_id for record in journal.read()]
    finally:
        journal.close()


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def post_until_taken(service, url, call_id):
    def taken():
        try:
            return service.post(url, call_id) == 202
        except httpx.TransportError:
            return False

    until(taken)


def test_it_takes_what_is_good_and_refuses_what_is_not(listener, service, tmp_path):
    url = listener.url + listener.callback.path
    assert service.post(url, "a") == 202
    assert service.post(url, "b", authorization="Bearer x.y.z") == 401
    assert call_ids(tmp_path / "journal.sqlite") == ["a"]
    until(lambda: (listener.accepted, listener.refused) == (1, {401: 1}))
    assert listener.last_received_us > 0


def test_killed_it_comes_back_at_the_same_address(listener, service, tmp_path):
    url = listener.url + listener.callback.path
    post_until_taken(service, url, "a")
    os.kill(listener.pid, signal.SIGKILL)
    post_until_taken(service, url, "b")
    assert listener.restarts == 1
    assert call_ids(tmp_path / "journal.sqlite") == ["a", "b"]


def test_with_a_lent_socket_senders_wait_while_it_is_restarted(background, service, tmp_path):
    listener = IsolatedListener(str(tmp_path / "journal.sqlite"), CallbackConfig(**service.callback))
    background.run(listener.start())
    os.kill(listener.pid, signal.SIGKILL)
    assert service.post(listener.url + listener.callback.path, "a") == 202
    background.run(listener.close())


def test_closed_it_is_gone(listener, background):
    pid = listener.pid
    background.run(listener.close())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(httpx.ConnectError):
        httpx.get(listener.url)


def test_journal_that_cannot_be_opened_is_said(background, service, tmp_path):
    listener = IsolatedListener(str(tmp_path / "missing" / "x.sqlite"), CallbackConfig(**service.callback))
    with pytest.raises(JournalError, match="folder is missing"):
        background.run(listener.start())


@pytest.mark.parametrize("wrong", [{"path": "no-slash"}, {"path": "/a?b"}, {"openid_url": "http://keys.example/x"}])
def test_settings_that_cannot_work_are_refused(service, wrong):
    with pytest.raises(ValueError, match=r"must begin|not https"):
        CallbackConfig(**service.callback | wrong)


def test_path_is_in_no_repr(service):
    assert CallbackConfig(**service.callback, path="/secret").path not in repr(
        CallbackConfig(**service.callback, path="/secret")
    )


def test_session_with_an_isolated_listener(tmp_path):
    path = tmp_path / "journal.sqlite"
    with gc.simulate(speed=50, isolated=True, journal=path) as session:
        call = session.create_call(gc.templates.peer_to_peer())
        call.wait_for("established", timeout=60)
        os.kill(session.listener.pid, signal.SIGKILL)
        call.hang_up()
        call.wait_for("terminated", timeout=60)
    with gc.simulate(journal=path) as later:
        states = later.intervals()["state"].tolist()
    assert states == ["establishing", "ringing", "established", "terminating", "terminated"]


RESTARTED = """
import sys
import graphcall_nb as gc
session = gc.simulate(speed=50, isolated=True, journal=sys.argv[1])
session.create_call(gc.templates.pstn()).wait_for("established", timeout=60)
print(session.notifications().to_json(date_format="iso"), flush=True)
sys.stdin.read()
"""


def test_restarted_kernel_has_the_frames_as_they_were(tmp_path):
    path = tmp_path / "journal.sqlite"
    command = [sys.executable, "-c", RESTARTED, path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as kernel:
        before = kernel.stdout.readline().strip()
        kernel.kill()
    with gc.simulate(isolated=True, journal=path) as session:
        assert session.notifications().to_json(date_format="iso") == before


KERNEL = """
import asyncio, ctypes, json, sys
from graphcall_nb.background import Background
from graphcall_nb.listener.config import CallbackConfig
from graphcall_nb.listener.process import IsolatedListener

order = json.loads(sys.stdin.readline())
background = Background()
background.start()
listener = IsolatedListener(order["journal"], CallbackConfig(**order["callback"]))
background.run(listener.start())
print(listener.pid, listener.url + listener.callback.path, flush=True)
# C code that never lets go of the interpreter, until the test says so.
ctypes.PyDLL(None).read(0, ctypes.create_string_buffer(1), 1)
print("free", flush=True)
"""


@pytest.fixture
def kernel(service, tmp_path):
    order = {"journal": str(tmp_path / "journal.sqlite"), "callback": service.callback}
    command = [sys.executable, "-u", "-c", KERNEL]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as running:
        running.stdin.write(json.dumps(order) + "\n")
        running.stdin.flush()
        pid, url = running.stdout.readline().split()
        running.listener_pid, running.url = int(pid), url
        yield running
        running.kill()


def test_kernel_busy_in_c_code_loses_nothing(kernel, service, tmp_path):
    sent = [str(number) for number in range(20)]
    assert [service.post(kernel.url, call_id) for call_id in sent] == [202] * 20
    os.set_blocking(kernel.stdout.fileno(), False)
    assert kernel.stdout.readline() == "", "it was not busy while notifications came"
    assert call_ids(tmp_path / "journal.sqlite") == sent


def test_it_goes_with_its_parent_and_keeps_what_it_took(kernel, service, tmp_path):
    assert service.post(kernel.url, "a") == 202
    kernel.kill()
    until(lambda: not os.path.exists(f"/proc/{kernel.listener_pid}") or _is_dead(kernel.listener_pid))
    assert call_ids(tmp_path / "journal.sqlite") == ["a"]


FORKING = KERNEL.replace("# C code", "import os\nif os.fork() == 0: os.read(0, 1), os._exit(0)\n# C code")


def test_it_goes_with_its_parent_though_workers_of_that_one_live(service, tmp_path):
    order = {"journal": str(tmp_path / "journal.sqlite"), "callback": service.callback}
    command = [sys.executable, "-u", "-W", "ignore", "-c", FORKING]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as running:
        running.stdin.write(json.dumps(order) + "\n")
        pid = int(running.stdout.readline().split()[0])
        running.kill()
        until(lambda: _is_dead(pid))


def _is_dead(pid):
    """A process that ended but that nobody asked about (there is no init in a container)."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
