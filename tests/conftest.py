"""What several folders of tests share."""

import itertools
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from graphcall_nb.background import Background

from .postgres import MISSING, binaries, running_postgres

# A slow machine is no bug of what is tested.
settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-machine")

_numbers = itertools.count(1)


class BrowserBesideTheRest(LoadScopeScheduling):
    """Of the two processes that run the tests one takes all with a browser, which share its front ends, and the other
    the rest, file by file, since what a file's tests share is made once in it.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config, log):
    return BrowserBesideTheRest(config, log)


@pytest.fixture(scope="session")
def postgres_server():
    """A real PostgreSQL for this run of the tests; its URL."""
    if binaries() is None:
        pytest.skip(MISSING)
    with running_postgres() as server:
        yield server.url


@pytest.fixture
def postgres_url(postgres_server):
    """The URL of an empty journal in it: a schema of its own."""
    name = f"journal_{next(_numbers)}"
    engine = sa.create_engine(postgres_server)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
    engine.dispose()
    return f"{postgres_server}?options=-csearch_path%3D{name}"


@pytest.fixture(params=["sqlite", "postgresql"])
def journal_url(request, tmp_path):
    """Where a journal is kept: once in a file, once in a server."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'journal.sqlite'}"
    return request.getfixturevalue("postgres_url")


@pytest.fixture(scope="session")
def site_folder(tmp_path_factory):
    """The documentation as a site, built without a complaint."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(folder)]
    ended = subprocess.run(command, cwd=Path(__file__).parent.parent, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return folder


@pytest.fixture
def background():
    """The thread with the event loop, running."""
    made = Background()
    made.start()
    yield made
    made.stop()
