"""Real programs for the tests, each on its own port and ended by its process id."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

import uvicorn
from jupyter_client import BlockingKernelClient
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

START_TIMEOUT_SECONDS = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_listening(port, process):
    """Wait until a program listens on a port."""
    end = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, f"the program ended with {process.returncode}"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise TimeoutError(f"no program listens on port {port}")


@contextlib.contextmanager
def run_program(*command, port, log, env=None, exit_timeout=0):
    """Run a program that listens on a port; its output goes to a file. It is killed after ``exit_timeout`` seconds."""
    with open(log, "ab") as output:
        process = subprocess.Popen(
            [*map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=env,
            start_new_session=True,
        )
    try:
        wait_until_listening(port, process)
        yield process
    finally:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.terminate()
            process.wait(exit_timeout)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class RecordingListener:
    """A listener that records its requests and answers 202."""

    def __init__(self):
        self.requests = []
        self.status = 202
        self._arrived = asyncio.Condition()

    async def answer(self, request):
        self.requests.append(
            (request.method, request.url.path, request.url.query, request.headers, await request.body())
        )
        async with self._arrived:
            self._arrived.notify_all()
        return Response(f"request {len(self.requests)}", self.status, {"Retry-After": "7", "Set-Cookie": "a=b"})

    async def wait_for(self, count):
        async with asyncio.timeout(START_TIMEOUT_SECONDS), self._arrived:
            await self._arrived.wait_for(lambda: len(self.requests) >= count)

    @property
    def bodies(self):
        return [body.decode() for *_, body in self.requests]


@contextlib.asynccontextmanager
async def serve(listener, port=0):
    """Serve a listener on a port of this machine and yield the port."""
    app = Starlette(routes=[Route("/{path:path}", listener.answer, methods=["GET", "POST"])])
    with socket.create_server(("127.0.0.1", port)) as server_socket:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        task = asyncio.create_task(server.serve(sockets=[server_socket]))
        try:
            yield server_socket.getsockname()[1]
        finally:
            server.should_exit = True
            await task


@contextlib.contextmanager
def run_jupyter(tmp_path, *, token="s3cret-token", port=None, **settings):  # noqa: S107
    """Run a Jupyter server of this environment, with the extension as the package enables it; yield URL and process."""
    port = port or free_port()
    command = [
        *(sys.executable, "-m", "jupyter_server", f"--port={port}", "--ServerApp.port_retries=0"),
        *(f"--IdentityProvider.token={token}", "--ServerApp.base_url=/user/ann/"),
        *("--ServerApp.open_browser=False", "--ServerApp.allow_root=True", "--Application.log_level=DEBUG"),
    ]
    folders = ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    env = os.environ | {name: str(tmp_path / name.lower()) for name in folders} | settings
    (tmp_path / "home").mkdir(exist_ok=True)
    with run_program(*command, port=port, log=tmp_path / "jupyter.log", env=env) as process:
        yield f"http://127.0.0.1:{port}/user/ann/", process


def run_in_kernel(connection_file, code):
    """Run a cell in a kernel that is already running and return its output."""
    client = BlockingKernelClient()
    client.load_connection_file(str(connection_file))
    client.start_channels()
    try:
        _wait_until_ready(client)
        return run_cell(client, code)
    finally:
        client.stop_channels()


def _wait_until_ready(client):
    """Wait for a kernel; on a busy machine the client reports a starting kernel as dead."""
    end = time.monotonic() + START_TIMEOUT_SECONDS
    while True:
        try:
            return client.wait_for_ready(timeout=START_TIMEOUT_SECONDS)
        except RuntimeError:
            if time.monotonic() > end:
                raise


def run_cell(client, code):
    """Run a cell and return its output."""
    outputs = []
    reply = client.execute_interactive(
        code, timeout=2 * START_TIMEOUT_SECONDS, output_hook=lambda message: outputs.append(message["content"])
    )
    assert reply["content"]["status"] == "ok", outputs
    return "".join(content.get("text", "") for content in outputs)
