"""Rules for language and tests, checked in the text of the files."""

import ast
import json
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


def read_text(path: Path) -> str:
    """Return the text of a file; of a notebook, without its outputs, which hold encoded pictures."""
    text = path.read_text("utf-8")
    if path.suffix != ".ipynb":
        return text
    return "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])


def test_texts_name_the_actor():
    assert {path: names for path in FILES if (names := ACTORS.findall(read_text(path)))} == {}


def test_docstrings_begin_with_a_verb_or_a_noun():
    files = [path for path in FILES if path.suffix == ".py"]
    assert [(path, text) for path in files for text in docstrings(path) if text.split()[0].strip(",:") in OPENERS] == []


def docstrings(path: Path) -> list[str]:
    """Return the docstrings of a file that are not empty."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, kinds)]
    return [text for text in map(ast.get_docstring, nodes) if text and text.strip()]


def test_no_test_patches_a_name():
    patch = re.compile(r"monkeypatch\.(?:setattr|delattr|setitem)|\bmock\b")
    tests = [path for path in FILES if "tests" in path.parts and path.suffix == ".py"]
    assert [path.name for path in tests if patch.search(path.read_text("utf-8"))] == []
