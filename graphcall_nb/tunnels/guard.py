"""Runs a program until it ends, or until whoever started it is gone.

A kernel that is killed must not leave a public address behind that leads to a port which another program may get.
So the program runs under this file, which ends it when standard input does. It is run as a script, by its path.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading

GRACE_SECONDS = 2.0


def main(command: list[str]) -> int:
    """Run a command; its exit status, 1 when a signal ended it."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 - the caller's own words
    alone = threading.Event()
    threading.Thread(target=_end_with_stdin, args=(child, alone), daemon=True).start()
    status = child.wait()
    if alone.is_set() and hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)  # what the program has started, and this process too
    return status if status >= 0 else 1


def _end_with_stdin(child: "subprocess.Popen[bytes]", alone: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 1024):
            pass
    alone.set()
    child.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(GRACE_SECONDS)
    child.kill()


if __name__ == "__main__":
    # Not sys.exit(): that would wait for the thread that reads.
    os._exit(main(sys.argv[1:]))
