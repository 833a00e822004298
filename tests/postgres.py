"""PostgreSQL server for tests and benchmarks: Debian's binaries, a temporary folder, a free port."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MISSING = "PostgreSQL is not installed here (Debian: apt-get install postgresql); its half of the tests is left out."


def binaries() -> Path | None:
    """Return the folder of ``initdb`` and ``pg_ctl``; Debian keeps it off the PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    found = shutil.which("initdb")
    return folders[-1] if folders else Path(found).parent if found else None


class Postgres:
    """Server with its data in a folder. ``url`` is its address; ``start`` and ``stop`` can be called repeatedly."""

    def __init__(self, folder: str) -> None:
        programs = binaries()
        assert programs is not None, MISSING
        self._control = programs / "pg_ctl"
        self._folder = folder
        self._data = f"{folder}/data"
        self._port = _free_port()
        self.url = f"postgresql+psycopg://postgres@127.0.0.1:{self._port}/postgres"
        _own(folder)
        encoding = ("-E", "UTF8", "--locale=C")
        _run(programs / "initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "--no-sync", *encoding)

    def start(self) -> None:
        settings = f"-c listen_addresses=127.0.0.1 -p {self._port} -k {self._folder} -c max_connections=200"
        _run(self._control, "-D", self._data, "-w", "-l", f"{self._folder}/log", "-o", settings, "start")

    def stop(self) -> None:
        _run(self._control, "-D", self._data, "-m", "immediate", "stop")


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Start a server; stop it and delete its data at the end."""
    with tempfile.TemporaryDirectory(prefix="graphcall_nb-pg-") as folder:
        server = Postgres(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _run(*command: object) -> None:
    # The server refuses to run as root.
    prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    subprocess.run([*prefix, *map(str, command)], check=True, stdout=subprocess.DEVNULL, cwd="/")


def _own(folder: str) -> None:
    if os.geteuid() == 0:
        entry = pwd.getpwnam("postgres")
        os.chown(folder, entry.pw_uid, entry.pw_gid)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]
