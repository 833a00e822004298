"""Script that runs a program and ends it when the script's own standard input closes.

A kernel that is killed must not leave a public URL behind that leads to a port which another program may get. The
operating system closes the pipe of a killed kernel, so the program ends with it. An isolated interpreter runs this file
by its path; it imports the standard library only.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading

TERMINATE_TIMEOUT_SECONDS = 2.0
"""Time for the program to end by itself before it is killed."""


def main(command: list[str]) -> int:
    """Run a command and return its exit status, 1 when a signal ended it."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 - the command comes from the parent process
    stdin_closed = threading.Event()
    threading.Thread(target=_end_with_stdin, args=(child, stdin_closed), daemon=True).start()
    status = child.wait()
    if stdin_closed.is_set() and hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)  # processes that the program started, and this process too
    return status if status >= 0 else 1


def _end_with_stdin(child: "subprocess.Popen[bytes]", stdin_closed: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 1024):
            pass
    stdin_closed.set()
    child.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(TERMINATE_TIMEOUT_SECONDS)
    child.kill()


if __name__ == "__main__":
    # Not sys.exit(): that would wait for the thread that reads standard input.
    os._exit(main(sys.argv[1:]))
