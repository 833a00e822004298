"""Fixtures and scheduling that several folders of tests share."""

import itertools
import re

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from graphcall_nb.background import Background

from .postgres import MISSING, binaries, running_postgres

# A loaded machine must not fail a property test.
settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-machine")

_numbers = itertools.count(1)


class BrowserBesideTheRest(LoadScopeScheduling):
    """Scheduler that runs all browser tests in one process, file by file in the others.

    Browser tests share running front ends, and the tests of a file share its fixtures.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config, log):
    return BrowserBesideTheRest(config, log)


def pytest_sessionstart(session):
    """Refuse an unknown marker in ``-m``: the workers would end early and pytest-xdist report an internal error."""
    used = set(re.findall(r"[a-z_]+", session.config.option.markexpr)) - {"and", "or", "not"}
    declared = {re.split(r"[:(]", line)[0].strip() for line in session.config.getini("markers")}
    if unknown := used - declared:
        raise pytest.UsageError(f"unknown markers in -m: {', '.join(sorted(unknown))}; see pytest --markers")


@pytest.fixture(scope="session")
def postgres_server():
    """Start a PostgreSQL server for this run of the tests and return its URL."""
    if binaries() is None:
        pytest.skip(MISSING)
    with running_postgres() as server:
        yield server.url


@pytest.fixture
def postgres_url(postgres_server):
    """Return the URL of an empty journal in a schema that no other test uses."""
    name = f"journal_{next(_numbers)}"
    engine = sa.create_engine(postgres_server)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
    engine.dispose()
    return f"{postgres_server}?options=-csearch_path%3D{name}"


@pytest.fixture(params=["sqlite", "postgresql"])
def journal_url(request, tmp_path):
    """Return the URL of an empty journal, once in SQLite and once in PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'journal.sqlite'}"
    return request.getfixturevalue("postgres_url")


@pytest.fixture
def background():
    """Start the background event loop and stop it after the test."""
    made = Background()
    made.start()
    yield made
    made.stop()
