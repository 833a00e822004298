"""JupyterLab, Notebook 7 and Voilà for tests, each on a free port with separate settings and kernels."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 60

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"

_SERVER = (
    "--no-browser",
    "--IdentityProvider.token=",  # on loopback, and for minutes only
    "--ServerApp.password=",
    "--ServerApp.ip=127.0.0.1",
    "--ServerApp.port_retries=0",
    "--ServerApp.allow_root=True",
    "--expose-app-in-browser",
)


@dataclass(frozen=True)
class Kind:
    """A front end: its start command, its health URL, and the URL of a notebook."""

    name: str
    module: str
    arguments: tuple[str, ...]
    up: str
    notebook: str


LAB = Kind("lab", "jupyterlab", _SERVER, "/api/status", "/doc/tree/{}?reset")
NOTEBOOK = Kind("notebook", "notebook", _SERVER, "/api/status", "/notebooks/{}")
VOILA = Kind(
    "voila", "voila", ("--no-browser", "--Voila.ip=127.0.0.1", "--show_tracebacks=True"), "/", "/voila/render/{}"
)

_SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}


@dataclass(frozen=True)
class Server:
    """A running front end; ``root`` is its folder, in which kernels start."""

    kind: Kind
    url: str
    root: Path

    def address(self, notebook: str) -> str:
        return self.url + self.kind.notebook.format(notebook)


@contextlib.contextmanager
def running(kind: Kind, folder: Path) -> Iterator[Server]:
    """Start a front end with all of its files below ``folder``, and stop it with its kernels."""
    root = folder / "root"
    shutil.copytree(NOTEBOOKS, root)
    port = _free_port()
    port_option = f"--Voila.port={port}" if kind is VOILA else f"--ServerApp.port={port}"
    place = (str(root),) if kind is VOILA else (f"--ServerApp.root_dir={root}",)
    command = [sys.executable, "-m", kind.module, *kind.arguments, port_option, *place]
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=_environment(folder), cwd=root, stdout=output, stderr=output, start_new_session=True
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_up(url + kind.up, process, log)
        yield Server(kind, url, root)
    finally:
        _stop(process)


def _environment(folder: Path) -> dict[str, str]:
    """Return an environment without the user's settings, but with the kernels and extensions of this Python."""
    settings = folder / "settings"
    for name, values in _SETTINGS.items():
        path = settings / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    _write_kernel(folder / "data" / "kernels" / "python3")
    return os.environ | {
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(settings),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "JUPYTER_PREFER_ENV_PATH": "0",  # so that the kernel written here is the one that is taken
        "IPYTHONDIR": str(folder / "ipython"),
    }


def _write_kernel(folder: Path) -> None:
    """Write the kernel ``python3``: this Python, or that of GRAPHCALL_KERNEL_PYTHON, to test other ipykernels."""
    folder.mkdir(parents=True)
    python = os.environ.get("GRAPHCALL_KERNEL_PYTHON", sys.executable)
    arguments = [python, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": arguments, "display_name": "Python 3", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError, urllib.error.URLError):
            opener.open(url, timeout=5).close()
            return
        time.sleep(0.1)
    raise RuntimeError(f"{url} did not come up:\n" + "\n".join(log.read_text().splitlines()[-30:]))


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
