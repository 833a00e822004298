"""``graphcall-nb export``: journals and saved sessions into files."""

import gzip
import subprocess

import pandas as pd
import pytest

import graphcall_nb as gc
from tests.listener.service import COMMAND

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "journal.sqlite"
    with gc.simulate(scenario="busy", speed=100, journal=path) as session:
        session.create_call(gc.templates.pstn("+14255550100")).wait_for("terminated", timeout=30)
    return path


def export(*arguments):
    return subprocess.run([*COMMAND, "export", *map(str, arguments)], capture_output=True, text=True, timeout=100)


def test_frame_of_a_journal(journal, tmp_path):
    done = export(journal, tmp_path / "calls.csv", "--frame", "calls")
    assert (done.returncode, done.stdout.strip()) == (0, str(tmp_path / "calls.csv")), done.stderr
    assert pd.read_csv(tmp_path / "calls.csv")["state"].tolist() == ["terminated"]


def test_part_of_a_saved_session(journal, tmp_path):
    assert export(journal, tmp_path / "session.gcnb").returncode == 0
    where = ("--where", "state=terminated", "--where", "result_code=486", "--since", "2020-01-01")
    assert export(tmp_path / "session.gcnb", tmp_path / "x.jsonl", *where).returncode == 0
    assert len((tmp_path / "x.jsonl").read_text().splitlines()) == 1


def test_part_of_a_session_cannot_be_saved_as_one(journal, tmp_path):
    done = export(journal, tmp_path / "session.gcnb", "--since", "2020-01-01")
    assert (done.returncode, list(tmp_path.iterdir())) == (1, [])
    assert "--since, --until and --where choose rows of a frame" in done.stderr


def test_masked(journal, tmp_path):
    assert export(journal, tmp_path / "session.gcnb", "--mask").returncode == 0
    assert b"4255550100" not in gzip.decompress((tmp_path / "session.gcnb").read_bytes())
    assert export(journal, tmp_path / "requests.csv", "--mask", "--frame", "requests").returncode == 0
    assert "4255550100" not in (tmp_path / "requests.csv").read_text()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["missing.sqlite", "x.csv"], "does not exist"),
        (["{journal}", "x.doc"], ".parquet"),
        (["{journal}", "x.csv", "--since", "yesterday"], "yesterday"),
        (["{journal}", "x.csv", "--where", "stat=x"], "'stat'"),
        (["{journal}", "x.csv", "--where", "state"], "NAME=VALUE"),
        (["{journal}", "x.csv", "--frame", "call"], "did you mean 'calls'?"),
    ],
)
def test_what_cannot_be_done_is_said_without_a_traceback(journal, arguments, word):
    done = export(*(argument.format(journal=journal) for argument in arguments))
    assert done.returncode in (1, 2)
    assert word in done.stderr
    assert "Traceback" not in done.stderr
