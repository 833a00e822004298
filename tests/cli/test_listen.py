"""``graphcall-nb listen`` as programs start it: a process of its own, one line when it is ready."""

import json
import os
import signal
import socket
import subprocess
from contextlib import contextmanager

import pytest

from graphcall_nb.journal.journal import open_journal
from tests.listener.service import COMMAND, running_service

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def service():
    with running_service() as running:
        yield running


@contextmanager
def listening(service, journal, *more):
    command = [*COMMAND, "listen", "--json", "--journal", journal, *service.options, *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        running.info = json.loads(running.stdout.readline())
        yield running
        running.kill()


def refused(*arguments, **environment):
    ended = subprocess.run(
        [*COMMAND, "listen", *arguments], capture_output=True, text=True, env=os.environ | environment, timeout=60
    )
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    return ended.stderr


def test_it_says_where_it_listens_and_writes_what_comes(service, journal_url):
    with listening(service, journal_url, "--path", "/mine") as running:
        assert running.info["callback_url"].endswith("/mine")
        assert service.post(running.info["callback_url"], "a") == 202
        assert service.post(running.info["callback_url"], "b", authorization="Bearer forged") == 401
    journal = open_journal(journal_url)
    assert [record.call_id for record in journal.read()] == ["a"]
    journal.close()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly(service, tmp_path, sent):
    with listening(service, tmp_path / "x.sqlite") as running:
        running.send_signal(sent)
        assert running.wait(30) == 0
        assert running.stderr.read() == ""


def test_why_nothing_can_be_stored_is_said_once_on_stderr(service, tmp_path):
    with listening(service, tmp_path / "x.sqlite") as running:
        (tmp_path / "x.sqlite").unlink()
        assert [service.post(running.info["callback_url"], "a") for _ in range(3)] == [503] * 3
        running.terminate()
        said = running.stderr.read()
    assert said.startswith("graphcall-nb: Cannot write to the journal sqlite:///")
    assert said.endswith(
        "x.sqlite: the file was moved or deleted. Put it back, or create a new journal."
        " (file was deleted or moved away)\n"
    )
    assert said.count("\n") == 1


def test_strangers_cannot_make_it_print(service, tmp_path):
    # Each line would stay in a pipe that has no reader, until the listener blocks.
    with listening(service, tmp_path / "x.sqlite") as running:
        port = int(running.info["callback_url"].split(":")[2].partition("/")[0])
        with socket.create_connection(("127.0.0.1", port)) as stranger:
            stranger.sendall(b"no HTTP at all\r\n\r\n")
            assert b"400" in stranger.recv(100)
        running.terminate()
        assert running.stderr.read() == ""


def test_after_a_kill_the_next_one_goes_on_at_the_same_port(service, tmp_path):
    path = tmp_path / "x.sqlite"
    with listening(service, path, "--path", "/same") as running:
        url = running.info["callback_url"]
        assert service.post(url, "a") == 202
    port = url.rpartition(":")[2].partition("/")[0]
    with listening(service, path, "--path", "/same", "--port", port):
        assert service.post(url, "b") == 202
    journal = open_journal(path)
    assert [record.call_id for record in journal.read()] == ["a", "b"]
    journal.close()


def test_default_path_cannot_be_guessed(service, tmp_path):
    with listening(service, tmp_path / "x.sqlite") as running:
        assert len(running.info["callback_url"].rpartition("/")[2]) > 40


def test_what_is_missing_is_named(tmp_path):
    assert "--audience" in refused("--journal", str(tmp_path / "x"))
    nothing = dict.fromkeys(("GRAPHCALL_JOURNAL", "GRAPHCALL_CLIENT_ID", "GRAPHCALL_TENANT_ID"), "")
    assert "Give --journal and --audience and --tenant, or set GRAPHCALL_JOURNAL" in refused(**nothing)


def test_wrong_settings_are_a_sentence(service, tmp_path):
    journal = ("--journal", str(tmp_path / "x.sqlite"))
    assert "not https" in refused(*journal, *service.options, "--openid-url", "http://keys.example/x")
    assert "folder" in refused("--journal", str(tmp_path / "missing" / "x"), *service.options)
    with listening(service, tmp_path / "x.sqlite") as running:
        port = running.info["callback_url"].split(":")[2].partition("/")[0]
        assert "Choose another port" in refused(*journal, *service.options, "--port", port)
    assert "Choose another host: an address" in refused(*journal, *service.options, "--host", "192.0.2.1")


def test_password_of_the_journal_is_not_shown():
    said = refused("--audience", "a", "--tenant", "t", "--journal", "postgresql+psycopg://me:hunter2@127.0.0.1:1/x")
    assert "hunter2" not in said
    assert "cannot be reached" in said
