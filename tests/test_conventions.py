"""Rules for language and tests, checked in the text of the files."""

import ast
import re
import subprocess
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
SUFFIXES = {".py", ".md", ".js", ".css", ".ipynb"}
LIST = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
# A file in the index may have been moved in the working tree.
FILES = [ROOT / name for name in LIST if Path(name).suffix in SUFFIXES and (ROOT / name).is_file()]
FILES = [path for path in FILES if "static" not in path.parts and path != Path(__file__)]

OPENERS = {"What", "Who", "Whom", "Whose", "How", "Where", "Whether"}
ACTORS = re.compile(
    r"(?<![a-z])(somebody|nobody|anybody|everybody|someone|whoever|whomever|oneself|one's|he|him|his|himself)(?![a-z])",
    re.IGNORECASE,
)


def area(path: Path) -> str:
    """Return the part of the project that a file belongs to, such as ``graphcall_nb/frames``."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return "/".join(parts[:2]) if parts[0] in ("graphcall_nb", "tests") else parts[0]


def report(found: Counter) -> str:
    """Return the areas with the most findings."""
    return ", ".join(f"{name} {count}" for name, count in found.most_common(20) if count)


# Upper bounds that shrink to zero while the texts are rewritten; never raise them.
MAX_ACTOR_WORDS = 454
MAX_OPENERS = 307


def test_texts_name_the_actor():
    found = Counter()
    for path in FILES:
        found[area(path)] += len(ACTORS.findall(path.read_text("utf-8")))
    assert found.total() <= MAX_ACTOR_WORDS, report(found)


def test_docstrings_begin_with_a_verb_or_a_noun():
    found = Counter()
    for path in FILES:
        if path.suffix == ".py":
            found[area(path)] += sum(text.split()[0].strip(",:") in OPENERS for text in docstrings(path))
    assert found.total() <= MAX_OPENERS, report(found)


def docstrings(path: Path) -> list[str]:
    """Return the docstrings of a file that are not empty."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, kinds)]
    return [text for text in map(ast.get_docstring, nodes) if text and text.strip()]


# Tests that patch; empty when transports, clocks and randomness are arguments everywhere.
KNOWN_PATCHES = {"test_refusals.py", "test_scaleout.py", "test_timeline_widget.py", "test_replay.py"}


def test_no_test_patches_a_name():
    patch = re.compile(r"monkeypatch\.(?:setattr|delattr|setitem)|\bmock\b")
    tests = [path for path in FILES if "tests" in path.parts and path.suffix == ".py"]
    assert {path.name for path in tests if patch.search(path.read_text("utf-8"))} <= KNOWN_PATCHES
