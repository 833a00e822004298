"""Real programs for the tests, each on a port of its own and ended by its own process id."""

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

READY_SECONDS = 60


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def until_open(port, process):
    """Wait until a program listens on a port."""
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, f"the program ended with {process.returncode}"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise TimeoutError(f"nobody listens on port {port}")


@contextlib.contextmanager
def program(*command, port, log, env=None, patience=0):
    """A program that listens on a port; its output goes to a file. ``patience`` is how long it may take to end."""
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
        until_open(port, process)
        yield process
    finally:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.terminate()
            process.wait(patience)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class Heard:
    """A listener that keeps what it was sent and answers 202."""

    def __init__(self):
        self.requests = []
        self.status = 202
        self._came = asyncio.Condition()

    async def answer(self, request):
        self.requests.append(
            (request.method, request.url.path, request.url.query, request.headers, await request.body())
        )
        async with self._came:
            self._came.notify_all()
        return Response(f"heard {len(self.requests)}", self.status, {"Retry-After": "7", "Set-Cookie": "a=b"})

    async def wait_for(self, count):
        async with asyncio.timeout(READY_SECONDS), self._came:
            await self._came.wait_for(lambda: len(self.requests) >= count)

    @property
    def bodies(self):
        return [body.decode() for *_, body in self.requests]


@contextlib.asynccontextmanager
async def listening(heard, port=0):
    """Serve a listener on a port of this machine; gives the port."""
    app = Starlette(routes=[Route("/{path:path}", heard.answer, methods=["GET", "POST"])])
    with socket.create_server(("127.0.0.1", port)) as bound:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        task = asyncio.create_task(server.serve(sockets=[bound]))
        try:
            yield bound.getsockname()[1]
        finally:
            server.should_exit = True
            await task


@contextlib.contextmanager
def jupyter(tmp_path, *, token="s3cret-token", port=None, **settings):  # noqa: S107
    """A real Jupyter server of this environment, with the extension as the package switches it on. Gives its URL."""
    port = port or free_port()
    command = [
        *(sys.executable, "-m", "jupyter_server", f"--port={port}", "--ServerApp.port_retries=0"),
        *(f"--IdentityProvider.token={token}", "--ServerApp.base_url=/user/ann/"),
        *("--ServerApp.open_browser=False", "--ServerApp.allow_root=True", "--Application.log_level=DEBUG"),
    ]
    folders = ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    env = os.environ | {name: str(tmp_path / name.lower()) for name in folders} | settings
    (tmp_path / "home").mkdir(exist_ok=True)
    with program(*command, port=port, log=tmp_path / "jupyter.log", env=env) as process:
        yield f"http://127.0.0.1:{port}/user/ann/", process


def run_in_kernel(connection_file, code):
    """What a cell with this code prints in a kernel that runs already."""
    client = BlockingKernelClient()
    client.load_connection_file(str(connection_file))
    client.start_channels()
    try:
        _until_it_answers(client)
        return run_cell(client, code)
    finally:
        client.stop_channels()


def _until_it_answers(client):
    """Wait for a kernel; the client takes one that starts on a busy machine for dead, which need not be true."""
    end = time.monotonic() + READY_SECONDS
    while True:
        try:
            return client.wait_for_ready(timeout=READY_SECONDS)
        except RuntimeError:
            if time.monotonic() > end:
                raise


def run_cell(client, code):
    """What a cell prints."""
    printed = []
    reply = client.execute_interactive(
        code, timeout=2 * READY_SECONDS, output_hook=lambda message: printed.append(message["content"])
    )
    assert reply["content"]["status"] == "ok", printed
    return "".join(content.get("text", "") for content in printed)
