"""Cost of ``import graphcall_nb``, compared with ``import httpx``; each in a new process, its start-up subtracted."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

from .measure import rounds, show


def seconds(code: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="only to see that it works")
    repeats = 1 if parser.parse_args().small else 15
    codes = {"nothing": "pass", "httpx": "import httpx", "ours": "import graphcall_nb"}
    taken = rounds(repeats, {name: (lambda code=code: seconds(code)) for name, code in codes.items()})
    httpx, ours = (max(taken[name] - taken["nothing"], 1e-4) for name in ("httpx", "ours"))
    show(
        "Import",
        [
            ("import httpx", f"{httpx * 1e3:.0f} ms", "1.00", ""),
            ("import graphcall_nb", f"{ours * 1e3:.0f} ms", f"{ours / httpx:.2f}", "≤ 1 of httpx"),
        ],
    )


if __name__ == "__main__":
    main()
