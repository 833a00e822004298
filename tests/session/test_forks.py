"""A process that was forked off the kernel, as multiprocessing does, takes nothing of the session with it."""

import os
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.skipif(not hasattr(os, "fork"), reason="Only where processes are forked."), pytest.mark.slow]

FORKED = """
import os, sys
import graphcall_nb as gc
session = gc.simulate(speed=50)
session.create_call(gc.templates.peer_to_peer()).wait_for("established", timeout=60)
if os.fork() == 0:
    sys.exit()
os.wait()
if os.fork() == 0:
    print(len(session.calls()), flush=True)
    try:
        session.create_call(gc.templates.peer_to_peer())
    except gc.errors.SessionClosed as error:
        print(error, flush=True)
    os._exit(0)
os.wait()
session.create_call(gc.templates.peer_to_peer()).wait_for("established", timeout=60)
print(session.notifications()["raw"].notna().sum())
"""


def test_fork_may_read_the_session_and_its_end_leaves_the_session_alone():
    ended = subprocess.run([sys.executable, "-W", "ignore", "-c", FORKED], capture_output=True, text=True, timeout=120)
    calls, advice, notifications = ended.stdout.splitlines()
    assert (calls, notifications, ended.stderr) == ("1", "6", "")
    assert advice.startswith("This process was forked off the one of the session. Here, its frames can be read")
