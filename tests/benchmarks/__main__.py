"""Runner of the benchmarks: ``python -m tests.benchmarks``; ``--write`` puts the tables into docs/benchmarks.md."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

from .measure import ROOT

HERE = Path(__file__).parent
PAGE = ROOT / "docs" / "benchmarks.md"
MARK = "<!-- tables: written by `python -m tests.benchmarks --write` -->"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    there = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    parser.add_argument("names", nargs="*", help=f"of {', '.join(there)}; all of them by default")
    parser.add_argument("--small", action="store_true", help="only to see that they work")
    parser.add_argument("--write", action="store_true", help="put their tables into docs/benchmarks.md")
    options = parser.parse_args()
    if unknown := set(options.names) - set(there):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; choose from {', '.join(there)}")
    names = options.names or there
    tables = {name: run(name, options.small) for name in names}
    if options.write:
        write(tables)
    return 0


def run(name: str, small: bool) -> str:
    command = [sys.executable, "-m", f"tests.benchmarks.bench_{name}", *(["--small"] if small else [])]
    print(f"== {name}", flush=True)
    ended = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    print(ended.stdout, flush=True)
    return ended.stdout.strip("\n")


def write(tables: dict[str, str]) -> None:
    """Replace the tables of the page by new ones of the same name."""
    words, _, old = PAGE.read_text("utf-8").partition(MARK)
    known = dict(re.findall(r"^## (\w+)\n\n```text\n(.*?)\n```$", old, re.M | re.S))
    both = sorted((known | tables).items())
    blocks = [f"## {name}\n\n```text\n{table}\n```\n" for name, table in both]
    PAGE.write_text(words + MARK + "\n\n" + "\n".join(blocks), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
