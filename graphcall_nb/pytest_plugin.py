"""A plugin for pytest with the fixture ``graph_calling``; its parts are imported when the fixture is used."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .graph_calling import GraphCalling

_CALLING: pytest.StashKey[GraphCalling] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        "graph_calling(scenario=, faults=, version=, tls=, port=, …): settings of the fixture graph_calling",
    )


@pytest.fixture
def graph_calling(request: pytest.FixtureRequest) -> Iterator[GraphCalling]:
    """Return a simulator of Microsoft Graph's calling service for the tests of a bot; see GraphCalling."""
    from .graph_calling import GraphCalling

    problem = ""
    try:
        calling = GraphCalling(**_read_markers(request.node))
    except (ValueError, TypeError, OSError) as error:
        problem = str(error)
    if problem:  # outside the handler, so that the report has the sentence alone
        pytest.fail(f"@pytest.mark.graph_calling: {problem}", pytrace=False)
    with calling:
        request.node.stash[_CALLING] = calling
        yield calling


def _read_markers(node: Any) -> dict[str, Any]:
    """Return the settings of all markers of a test; those that are closer to it replace others."""
    from ._arguments import require_choice
    from .graph_calling import SETTINGS

    settings: dict[str, Any] = {}
    for marker in reversed(list(node.iter_markers("graph_calling"))):
        if marker.args:
            raise TypeError(f"give settings by name, such as scenario={marker.args[0]!r}.")
        settings |= {require_choice("setting", name, SETTINGS): value for name, value in marker.kwargs.items()}
    return settings


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the messages of the calls to the report of a failed test."""
    report = yield
    calling = item.stash.get(_CALLING, None)
    if report.failed and calling is not None and report.when != "teardown":
        report.sections.append(("Messages of graph_calling", calling.describe_messages()))
    return report
