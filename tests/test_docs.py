"""Code of the README, the documentation and the docstrings runs."""

import doctest
import importlib
import os
import pkgutil
import re
import shutil
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import pytest

import graphcall_nb

mpl.use("agg")
ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def _blocks(language):
    return [
        pytest.param(block, id=f"{page.stem}-{number}")
        for page in PAGES
        for number, block in enumerate(re.findall(rf"```{language}\n(.*?)```", page.read_text("utf-8"), re.DOTALL), 1)
    ]


BLOCKS, SHELL = _blocks("python"), _blocks("bash")
MODULES = [
    name for _, name, _ in pkgutil.walk_packages(graphcall_nb.__path__, "graphcall_nb.") if "__main__" not in name
]


@pytest.mark.slow
@pytest.mark.parametrize("block", BLOCKS)
def test_code_of_the_pages_runs(block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(block, names)  # noqa: S102
    if "session" in names:
        names["session"].close()


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl to try the pages' commands with")
@pytest.mark.parametrize("block", SHELL)
def test_commands_of_the_pages_run(block, tmp_path):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = ["bash", "-euo", "pipefail", "-c", block]
    ended = subprocess.run(command, cwd=tmp_path, env=os.environ | {"PATH": path}, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


def test_every_picture_has_its_words_on_the_page():
    words = (ROOT / "docs" / "accessibility.md").read_text("utf-8")
    pictures = [name for name in graphcall_nb.__all__ if name.startswith("plot_")]
    assert not [name for name in pictures if f"| `{name}` | `gc.describe(" not in words]


def test_readme_has_exactly_two_commands():
    assert len(re.findall(r"```sh\n(.*)\n```", README)) == len(re.findall("```sh", README)) == 2


def test_pictures_of_the_readme_are_there():
    pictures = re.findall(r"!\[[^\]]*\]\((?!https:)([^)]*)\)", README)
    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_lead_to_files_that_are_there(page):
    links = re.findall(r"\]\((?!https:)([^)#]+)\)", (ROOT / page).read_text("utf-8"))
    assert not [link for link in links if not (ROOT / link).exists()]


@pytest.mark.slow
@pytest.mark.parametrize("name", MODULES)
def test_examples_of_the_docstrings_run(name):
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    assert doctest.testmod(importlib.import_module(name), optionflags=flags).failed == 0


@pytest.mark.parametrize("name", graphcall_nb.__all__)
def test_public_names_are_there_and_described(name):
    value = getattr(graphcall_nb, name)
    assert value.__doc__
    assert name in dir(graphcall_nb)


def test_few_names_are_public():
    assert len(graphcall_nb.__all__) <= 28
