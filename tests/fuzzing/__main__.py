"""Long fuzz runs: ``python -m tests.fuzzing {listener|simulator} SECONDS``; prints the server's memory each minute."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings

from tests.listener.service import COMMAND, running_service

from . import listener, simulator
from .target import Target

ROUND = settings(
    max_examples=500, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), deadline=None
)
LOOK_SECONDS = 60
NO_HTTP = "Invalid HTTP request received."
"""Expected warnings of uvicorn."""


@contextmanager
def running(command: list[str], folder: Path):
    """Start a server; return the process, the JSON object of its first line, and its stderr file."""
    complaints = folder / "stderr"
    with (
        complaints.open("w") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        try:
            yield process, json.loads(process.stdout.readline()), complaints
        finally:
            process.terminate()


@contextmanager
def fuzzed_listener(folder: Path, options: list[str]):
    with running_service() as service:
        journal = [] if "--journal" in options else ["--journal", str(folder / "journal.sqlite")]
        command = [*COMMAND, "listen", "--json", "--path", listener.PATH, *service.options]
        with running([*command, *journal, *options], folder) as (process, said, complaints):
            port = int(said["callback_url"].split(":")[2].partition("/")[0])
            target = Target(port, {"bearer": service.bearer})
            yield process, target, listener.requests, complaints


@contextmanager
def fuzzed_simulator(folder: Path, options: list[str]):
    command = [*COMMAND, "simulate", "--json", "--speed", "20", *options]
    with running_service() as service, running(command, folder) as (process, info, complaints):
        target = simulator.SimulatorTarget(int(info["graph_url"].rpartition(":")[2]), info)
        yield process, target, simulator.requests_to(info, service.openid_url), complaints


TARGETS = {"listener": fuzzed_listener, "simulator": fuzzed_simulator}


def fuzz(process, target: Target, requests, seconds: float) -> None:
    """Send requests for ``seconds``, and print the server's memory each minute."""

    @ROUND
    @given(requests)
    def a_round(request) -> None:
        target.check(request)

    began = looked = time.monotonic()
    show(process.pid, target, 0)
    while (now := time.monotonic()) < began + seconds:
        a_round()
        if now >= looked + LOOK_SECONDS:
            looked = now
            show(process.pid, target, (now - began) / 60)
            renew = getattr(target, "sign_in", None)
            if renew:
                renew()
    show(process.pid, target, seconds / 60)


def show(pid: int, target: Target, minutes: float) -> None:
    status = Path(f"/proc/{pid}/status").read_text()
    resident = int(status.split("VmRSS:")[1].split()[0]) / 1024
    print(f"{minutes:5.1f} min  {resident:6.1f} MB  {sum(target.answers.values()):9,} requests", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzzing", description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("seconds", type=float)
    arguments, options = parser.parse_known_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        process, target, requests, complaints = stack.enter_context(TARGETS[arguments.target](folder, options))
        try:
            fuzz(process, target, requests, arguments.seconds)
        finally:
            print("answers", {status or "no answer": count for status, count in target.answers.most_common()})
            said = Counter(complaints.read_text().splitlines())
            said.pop(NO_HTTP, None)
            for line, times in said.most_common(20):
                print(f"stderr, {times} times: {line}")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
