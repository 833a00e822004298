"""The core without what Windows lacks: uvloop, fork, modules and signals of POSIX, and signal handlers of loops."""

import subprocess
import sys

import pytest

WITHOUT_POSIX = """
import asyncio, concurrent.futures, logging, multiprocessing, os, random, signal, socket, subprocess, sys, tempfile

sys.modules.update(dict.fromkeys(["uvloop", "fcntl", "resource", "pwd", "grp", "termios", "pty", "tty"]))
absent = {
    os: ["fork", "forkpty", "killpg", "getpgid", "getpgrp", "setsid", "register_at_fork"],
    signal: ["SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGSTOP", "SIGCONT", "SIGCHLD", "SIGPIPE", "SIGQUIT",
             "setitimer", "alarm", "pthread_kill", "pthread_sigmask", "set_wakeup_fd"],
    socket: ["SO_REUSEPORT"],
}
for module, names in absent.items():
    for name in names:
        if hasattr(module, name):
            delattr(module, name)

def refuse(*_):
    raise NotImplementedError

asyncio.SelectorEventLoop.add_signal_handler = asyncio.SelectorEventLoop.remove_signal_handler = refuse
"""

IMPORT_ALL = """
import importlib, pkgutil
import graphcall_nb
for module in pkgutil.walk_packages(graphcall_nb.__path__, "graphcall_nb."):
    if "notebooks" not in module.name and "__main__" not in module.name and "supervisor" not in module.name:
        importlib.import_module(module.name)
"""

USE = """
import math, tempfile
from pathlib import Path
import graphcall_nb as gc
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "calls.gcnb")
    with gc.simulate(speed=100, journal=Path(folder, "calls.sqlite")) as session:
        session.create_call(gc.templates.peer_to_peer()).wait_for("established", timeout=60)
        session.timeline(), session.save(path), session.export(Path(folder, "calls.csv"), "calls")
    with gc.replay(path, speed=math.inf) as session:
        print(session.intervals()["state"].tolist()[-1])
"""


@pytest.mark.slow
@pytest.mark.parametrize(("script", "output"), [(IMPORT_ALL, ""), (USE, "established\n")], ids=["import", "use"])
def test_core_needs_nothing_of_posix(script, output):
    command = [sys.executable, "-W", "ignore", "-c", WITHOUT_POSIX + script]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert (ended.stdout, ended.stderr) == (output, "")
