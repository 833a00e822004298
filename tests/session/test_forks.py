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
session.create_call(gc.templates.peer_to_peer()).wait_for("established", timeout=60)
print(session.notifications()["raw"].notna().sum())
"""


def test_end_of_a_fork_leaves_the_session_alone():
    ended = subprocess.run([sys.executable, "-W", "ignore", "-c", FORKED], capture_output=True, text=True, timeout=120)
    assert (int(ended.stdout), ended.stderr) == (6, "")
