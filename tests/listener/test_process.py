"""A listener in a process of its own: restarts, end with the parent, independence of a busy parent."""

import contextlib
import json
import os
import signal
import socket
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

SILENCE_SECONDS, PROBE_SECONDS = 6.0, 1.0
"""Shorter than by default, and still long on a busy machine."""


@pytest.fixture(params=[True, False], ids=["shared socket", "own socket"])
def listener(request, background, service, tmp_path):
    callback = CallbackConfig(**service.callback)
    made = IsolatedListener(str(tmp_path / "journal.sqlite"), callback, shares_socket=request.param)
    background.run(made.start())
    yield made
    background.run(made.close())


def read_call_ids(path):
    journal = open_journal(path)
    try:
        return [record.call_id for record in journal.read()]
    finally:
        journal.close()


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def post_until_accepted(service, url, call_id):
    def is_accepted():
        try:
            return service.post(url, call_id) == 202
        except httpx.TransportError:
            return False

    wait_until(is_accepted)


def test_valid_notifications_are_accepted_and_others_refused(listener, service, tmp_path):
    url = listener.url + listener.callback.path
    assert service.post(url, "a") == 202
    assert service.post(url, "b", authorization="Bearer x.y.z") == 401
    assert read_call_ids(tmp_path / "journal.sqlite") == ["a"]
    wait_until(lambda: (listener.accepted, listener.refused) == (1, {401: 1}))
    assert listener.last_received_us > 0


def test_killed_process_restarts_at_the_same_address(listener, service, tmp_path):
    url = listener.url + listener.callback.path
    post_until_accepted(service, url, "a")
    os.kill(listener.pid, signal.SIGKILL)
    post_until_accepted(service, url, "b")
    assert listener.restarts == 1
    assert read_call_ids(tmp_path / "journal.sqlite") == ["a", "b"]


def test_senders_wait_during_a_restart_with_a_shared_socket(background, service, tmp_path):
    listener = IsolatedListener(str(tmp_path / "journal.sqlite"), CallbackConfig(**service.callback))
    background.run(listener.start())
    os.kill(listener.pid, signal.SIGKILL)
    assert service.post(listener.url + listener.callback.path, "a") == 202
    background.run(listener.close())


@pytest.fixture
def watchful_listener(background, service, tmp_path):
    callback = CallbackConfig(**service.callback)
    made = IsolatedListener(
        str(tmp_path / "journal.sqlite"), callback, silence_timeout=SILENCE_SECONDS, probe_interval=PROBE_SECONDS
    )
    background.run(made.start())
    yield made
    background.run(made.close())


def test_frozen_process_is_replaced(watchful_listener, service, tmp_path):
    url = watchful_listener.url + watchful_listener.callback.path
    frozen = watchful_listener.pid
    os.kill(frozen, signal.SIGSTOP)
    post_until_accepted(service, url, "a")
    assert watchful_listener.restarts == 1
    assert _is_dead(frozen)
    assert read_call_ids(tmp_path / "journal.sqlite") == ["a"]


def find_listening_sockets(port):
    """Yield copies of the sockets of this process that listen on a port."""
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            copied = socket.socket(fileno=os.dup(int(name)))
            if copied.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) and copied.getsockname()[1] == port:
                yield copied
            copied.close()


def test_process_that_does_not_answer_at_its_port_is_replaced(watchful_listener, service):
    for listening in find_listening_sockets(watchful_listener.callback.port):
        listening.shutdown(socket.SHUT_RDWR)  # for the process, too: it is the same socket
    wait_until(lambda: watchful_listener.restarts == 1)
    post_until_accepted(service, watchful_listener.url + watchful_listener.callback.path, "a")


def test_probes_are_not_counted(watchful_listener):
    time.sleep(4 * PROBE_SECONDS)
    assert (watchful_listener.restarts, watchful_listener.refused) == (0, {})


def test_close_ends_the_process(listener, background):
    pid = listener.pid
    background.run(listener.close())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(httpx.ConnectError):
        httpx.get(listener.url)


def test_error_of_opening_the_journal_is_raised(background, service, tmp_path):
    listener = IsolatedListener(str(tmp_path / "missing" / "x.sqlite"), CallbackConfig(**service.callback))
    with pytest.raises(JournalError, match="Create the folder"):
        background.run(listener.start())


@pytest.mark.parametrize("invalid", [{"path": "no-slash"}, {"path": "/a?b"}, {"openid_url": "http://keys.example/x"}])
def test_invalid_configuration_is_refused(service, invalid):
    with pytest.raises(ValueError, match=r"must begin|not https"):
        CallbackConfig(**service.callback | invalid)


def test_repr_does_not_contain_the_path(service):
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


def test_restarted_kernel_has_the_same_frames(tmp_path):
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

settings = json.loads(sys.stdin.readline())
background = Background()
background.start()
listener = IsolatedListener(settings["journal"], CallbackConfig(**settings["callback"]))
background.run(listener.start())
print(listener.pid, listener.url + listener.callback.path, flush=True)
# C code that holds the interpreter lock until the test writes to stdin.
ctypes.PyDLL(None).read(0, ctypes.create_string_buffer(1), 1)
print("free", flush=True)
"""


@pytest.fixture
def kernel(service, tmp_path):
    settings = {"journal": str(tmp_path / "journal.sqlite"), "callback": service.callback}
    command = [sys.executable, "-u", "-c", KERNEL]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as running:
        running.stdin.write(json.dumps(settings) + "\n")
        running.stdin.flush()
        pid, url = running.stdout.readline().split()
        running.listener_pid, running.url = int(pid), url
        yield running
        running.kill()


def test_kernel_busy_in_c_code_loses_no_notification(kernel, service, tmp_path):
    sent = [str(number) for number in range(20)]
    assert [service.post(kernel.url, call_id) for call_id in sent] == [202] * 20
    os.set_blocking(kernel.stdout.fileno(), False)
    assert kernel.stdout.readline() == "", "the kernel was not busy while notifications arrived"
    assert read_call_ids(tmp_path / "journal.sqlite") == sent


def test_process_ends_with_its_parent_and_keeps_accepted_notifications(kernel, service, tmp_path):
    assert service.post(kernel.url, "a") == 202
    kernel.kill()
    wait_until(lambda: not os.path.exists(f"/proc/{kernel.listener_pid}") or _is_dead(kernel.listener_pid))
    assert read_call_ids(tmp_path / "journal.sqlite") == ["a"]


FORKING = KERNEL.replace("# C code", "import os\nif os.fork() == 0: os.read(0, 1), os._exit(0)\n# C code")


def test_process_ends_with_its_parent_although_forks_of_the_parent_live(service, tmp_path):
    settings = {"journal": str(tmp_path / "journal.sqlite"), "callback": service.callback}
    command = [sys.executable, "-u", "-W", "ignore", "-c", FORKING]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as running:
        running.stdin.write(json.dumps(settings) + "\n")
        pid = int(running.stdout.readline().split()[0])
        running.kill()
        wait_until(lambda: _is_dead(pid))


def _is_dead(pid):
    """Return True if a process ended; without an init process in a container, it stays as a zombie."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
