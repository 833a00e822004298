"""What people are told works: the code of the README, and the examples of the docstrings."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import matplotlib as mpl
import pytest

import graphcall_nb

mpl.use("agg")
README = (Path(__file__).parent.parent / "README.md").read_text()
MODULES = [
    name for _, name, _ in pkgutil.walk_packages(graphcall_nb.__path__, "graphcall_nb.") if "__main__" not in name
]


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", README, re.DOTALL))
def test_code_of_the_readme_runs(block):
    names: dict = {}
    exec(block, names)  # noqa: S102
    names["session"].close()


def test_readme_has_exactly_two_commands():
    assert len(re.findall(r"```sh\n(.*)\n```", README)) == len(re.findall("```sh", README)) == 2


def test_pictures_of_the_readme_are_there():
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", README)
    assert pictures
    assert all((Path(__file__).parent.parent / picture).is_file() for picture in pictures)


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
    assert len(graphcall_nb.__all__) <= 25
