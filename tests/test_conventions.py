"""Rules for language and tests, checked in the text of the files."""

import ast
import re
import subprocess
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


# Areas whose texts are still being rewritten; remove an area when its texts are done, never add one.
UNFINISHED = {
    "docs",
    "notebooks",
    *(f"tests/{name}" for name in ("benchmarks", "browser", "frames", "plots")),
}


def test_texts_name_the_actor():
    texts = {path: path.read_text("utf-8") for path in FILES if area(path) not in UNFINISHED}
    assert {path: found for path, text in texts.items() if (found := ACTORS.findall(text))} == {}


def test_docstrings_begin_with_a_verb_or_a_noun():
    files = [path for path in FILES if path.suffix == ".py" and area(path) not in UNFINISHED]
    assert [(path, text) for path in files for text in docstrings(path) if text.split()[0].strip(",:") in OPENERS] == []


def docstrings(path: Path) -> list[str]:
    """Return the docstrings of a file that are not empty."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, kinds)]
    return [text for text in map(ast.get_docstring, nodes) if text and text.strip()]


# Tests that patch; empty when transports, clocks and randomness are arguments everywhere.
KNOWN_PATCHES = set()


def test_no_test_patches_a_name():
    patch = re.compile(r"monkeypatch\.(?:setattr|delattr|setitem)|\bmock\b")
    tests = [path for path in FILES if "tests" in path.parts and path.suffix == ".py"]
    assert {path.name for path in tests if patch.search(path.read_text("utf-8"))} <= KNOWN_PATCHES
