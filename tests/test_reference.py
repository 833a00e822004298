"""The reference is complete and up to date."""

import importlib.util
import inspect
import pydoc
import re
from pathlib import Path

import pytest
from numpydoc.validate import validate

import graphcall_nb
from graphcall_nb.cli import COMMANDS, load_command
from graphcall_nb.client.settings import SETTINGS
from graphcall_nb.graph.lint import RULES
from graphcall_nb.graph.operations import ACTIONS
from graphcall_nb.graph.result_codes import CODES, RESULTS, WORDS
from graphcall_nb.graph.states import STATES
from graphcall_nb.graph.templates import ALL
from graphcall_nb.simulator.faults import FAULTS
from graphcall_nb.simulator.scenarios import SCENARIOS

DOCS = Path(__file__).parent.parent / "docs"


def _module(name):
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TABLES = _module("tables")
WRITTEN = {path.stem: path.read_text("utf-8") for path in (DOCS / "reference").glob("*.md")}


@pytest.mark.parametrize(("name", "text"), TABLES.pages().items())
def test_a_page_is_no_older_than_the_code(name, text):
    assert WRITTEN[name] == text, "run: python docs/tables.py"


@pytest.mark.parametrize("name", graphcall_nb.__all__)
def test_public_names_are_in_the_reference(name):
    assert f".{name}\n" in WRITTEN["names"] or f"## {name}\n" in WRITTEN["names"]


def test_errors_are_in_the_reference_with_a_remedy():
    kinds = [name for name, value in vars(graphcall_nb.errors).items() if isinstance(value, type)]
    kinds = [name for name in kinds if issubclass(getattr(graphcall_nb.errors, name), Exception)]
    assert not [name for name in kinds if f"| `{name}` |" not in WRITTEN["errors"]]
    assert not [name for name in kinds if not TABLES.remedy(getattr(graphcall_nb.errors, name))]


@pytest.mark.parametrize(
    ("page", "named"),
    [
        ("scenarios", SCENARIOS),
        ("faults", FAULTS),
        ("templates", ALL),
        ("rules", [rule.name for rule in RULES]),
        ("states", ACTIONS),
        ("results", [f"{code}/{subcode}" for code, subcode in RESULTS]),
        ("results", [*CODES, *WORDS]),
        ("operations", [f"{action.call_method}()` | `{name}" for name, action in ACTIONS.items()]),
    ],
)
def test_what_is_data_is_in_the_reference(page, named):
    assert not [name for name in named if f"| `{name}` |" not in WRITTEN[page]]


@pytest.mark.parametrize("name", TABLES.FRAMES)
def test_columns_of_a_frame_are_in_the_reference(name):
    with graphcall_nb.simulate() as session:
        columns = list(TABLES._empty(getattr(session, name)).columns)
    section = WRITTEN["columns"].partition(f"`session.{name}()`")[2].partition("\n## ")[0]
    assert columns
    assert not [column for column in columns if f"| `{column}` |" not in section]


@pytest.mark.parametrize("action", ACTIONS)
def test_each_action_is_a_method_of_a_call(action):
    assert callable(getattr(graphcall_nb.CallHandle, ACTIONS[action].call_method))


def test_states_are_in_the_reference():
    assert not [state for state in STATES if f"| {state} |" not in WRITTEN["states"]]


def test_the_picture_of_the_architecture_is_no_older_than_the_rules():
    drawn = _module("architecture").picture()
    assert (DOCS / "architecture.svg").read_text("utf-8") == drawn, "run: python docs/architecture.py"


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_are_in_the_reference(name):
    assert f"| `GRAPHCALL_{name.upper()}` |" in WRITTEN["settings"]
    wanted = "client_credential" if name == "client_secret" else name
    assert wanted in inspect.signature(graphcall_nb.connect).parameters


@pytest.mark.parametrize("name", COMMANDS)
def test_options_of_a_command_are_in_the_reference(name):
    section = WRITTEN["commands"].partition(f"## `graphcall-nb {name}`\n")[2].partition("\n## ")[0]
    options = [option for parameter in load_command(name).params for option in parameter.opts if option[:1] == "-"]
    assert section
    assert not [option for option in options if f"| `{option}" not in section]


def test_environment_variables_are_in_the_reference():
    read = r"GRAPHCALL_[A-Z]\w+|(?<=environ\.get\(\")[A-Z]\w+"
    files = [path for folder in ("graphcall_nb", "tests", "notebooks") for path in (DOCS.parent / folder).rglob("*.*")]
    texts = [path.read_text("utf-8") for path in files if path.suffix in (".py", ".ipynb")]
    found = {name for text in texts for name in re.findall(read, text)}
    assert not [name for name in found if f"| `{name}` |" not in WRITTEN["settings"]]


EXEMPT = {
    "ES01": "a summary that says everything needs no further sentence",
    "EX01": "examples stand where they are useful",
    "PR01": "one parameter may be described by the summary; two or more are checked below",
    "RT01": "a summary that begins with Return says what is returned",
    "SA01": "the pages of the documentation lead to related names",
    "YD01": "a summary that begins with Yield says what is yielded",
}
"""Checks of numpydoc that are not made, with the reason."""


def iterate_described_names():
    """Yield the name and the value of each class, function and method that the reference describes."""
    for name in re.findall(
        r"^\.\. auto(?:class|function):: (\S+)$", WRITTEN["names"] + WRITTEN["further"], re.MULTILINE
    ):
        value = pydoc.locate(name)
        yield name, value
        for member in dir(value) if inspect.isclass(value) else ():
            item = getattr(value, member)
            if not member.startswith("_") and inspect.isroutine(item) and item.__doc__:
                yield f"{name}.{member}", item


def is_ours(value):
    return (getattr(value, "__module__", "") or "").startswith("graphcall_nb")


@pytest.mark.slow
def test_public_docstrings_pass_the_checks_of_numpydoc():
    found = {
        name: [problem for problem in validate(name)["errors"] if problem[0] not in EXEMPT]
        for name, value in iterate_described_names()
        if is_ours(value)
    }
    assert len(found) > 300
    assert {name: problems for name, problems in found.items() if problems} == {}


def test_two_or_more_parameters_are_described():
    for name, item in iterate_described_names():
        if inspect.isroutine(item) and is_ours(item):
            names = [each for each in inspect.signature(item).parameters if each not in ("self", "cls")]
            assert len(names) < 2 or "Parameters\n---" in inspect.getdoc(item), name
