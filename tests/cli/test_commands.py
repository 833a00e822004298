"""The commands as people and programs start them: processes of their own."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pandas as pd
import pytest

import graphcall_nb as gc
from graphcall_nb.cli import COMMANDS, load_command, main
from graphcall_nb.graph import templates

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).parent.parent / "samples" / "beta"
CALL = json.loads((SAMPLES / "peer_to_peer.request.json").read_text())
COMMAND = [sys.executable, "-m", "graphcall_nb"]


def test_demo_leaves_eight_whole_calls(tmp_path):
    out = tmp_path / "results"
    ended = subprocess.run([*COMMAND, "demo", "--out", out, "--speed", "10"], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    notifications = pd.read_csv(out / "notifications.csv").query("entity == 'call'")
    states = notifications.groupby("call_id")["state"].agg(list)
    rang = ["establishing", "ringing", "established", "terminating", "terminated"]
    joined = [state for state in rang if state != "ringing"]
    assert sorted(map(tuple, states)) == sorted([tuple(rang)] * 4 + [tuple(joined)] * 4)
    assert len(pd.read_csv(out / "calls.csv")) == 8
    assert (out / "timeline.png").read_bytes().startswith(b"\x89PNG")
    assert len(pd.read_csv(out / "intervals.csv")) == 36


@pytest.fixture(scope="module")
def service():
    with subprocess.Popen(
        [*COMMAND, "simulate", "--json", "--speed", "50"], stdout=subprocess.PIPE, text=True
    ) as running:
        yield json.loads(running.stdout.readline())
        running.terminate()
        assert running.wait(10) == 0


def token(service, suffix=""):
    form = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
    form |= {name: service[name + suffix] for name in ("client_id", "client_secret")}
    return httpx.post(service["token_url"], data=form).raise_for_status().json()["access_token"]


def post(service, body, path="/beta/app/calls", bearer=None):
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {bearer}"} if bearer else {})
    return httpx.post(service["graph_url"] + path, content=body, headers=headers)


@pytest.mark.parametrize("path", ["/beta/app/calls", "/beta/applications/8A34A46B-3D17-4ADC-8DCE-DC4E7D572698/calls"])
@pytest.mark.parametrize("name", templates.DOCUMENTED)
def test_documented_bodies_get_201(service, name, path):
    body = (SAMPLES / f"{name}.request.json").read_bytes()
    assert post(service, body, path, token(service)).status_code == 201
    assert post(service, body, path).status_code == 401
    assert post(service, body, path, token(service, "_without_consent")).status_code == 403


def test_scenarios_and_faults_are_listed():
    listed = subprocess.run([*COMMAND, "simulate", "--list"], capture_output=True, text=True, check=True).stdout
    assert all(name in listed for name in ("voicemail", "transfer_failed", "key_rollover", "throttled"))


def test_faults_are_taken():
    command = [*COMMAND, "simulate", "--json", "--fault", "throttled", "--fault", "duplicated"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        info = json.loads(running.stdout.readline())
        assert post(info, b"{}", bearer=token(info)).status_code == 429
        running.terminate()


def test_wrong_callback_port_is_the_first_line_on_stderr():
    with subprocess.Popen(
        [*COMMAND, "simulate", "--json", "--speed", "50"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        info = json.loads(running.stdout.readline())
        post(info, json.dumps(CALL | {"callbackUri": "http://127.0.0.1:9/api/calls"}), bearer=token(info))
        line = running.stderr.readline()
        running.terminate()
    assert "NOT DELIVERED to http://127.0.0.1:9/api/calls (Connection refused" in line


def test_journal_gets_the_calls_of_the_bot(tmp_path):
    command = [*COMMAND, "simulate", "--json", "--speed", "50", "--journal", tmp_path / "calls.sqlite"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        info = json.loads(running.stdout.readline())
        assert post(info, json.dumps(CALL), bearer=token(info)).status_code == 201
        running.terminate()
        assert running.wait(10) == 0
    with gc.open_journal(tmp_path / "calls.sqlite") as recorded:
        assert recorded.requests()["operation"].tolist() == ["token", "create"]


def test_what_is_missing_is_named(service):
    answer = post(service, b'{"callbackUri": "https://bot.contoso.com/api/calls"}', bearer=token(service))
    assert answer.status_code == 400
    assert "targets" in answer.json()["error"]["message"]


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_the_example_that_is_printed_places_a_call():
    with subprocess.Popen([*COMMAND, "simulate"], stdout=subprocess.PIPE, text=True) as running:
        lines = list(iter(running.stdout.readline, "Ctrl-C stops it.\n"))
        start = next(number for number, line in enumerate(lines) if line.startswith("TOKEN="))
        answer = subprocess.run(["bash", "-c", "".join(lines[start:])], capture_output=True, text=True)
        running.terminate()
    assert "201 Created" in answer.stdout, answer.stdout + answer.stderr


def test_options_of_lab_are_handed_on():
    asked = subprocess.run([*COMMAND, "lab", "--version"], capture_output=True, text=True, timeout=60)
    assert asked.returncode == 0, asked.stderr
    assert "Opening" in asked.stdout


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_service_stops_cleanly(sent):
    with subprocess.Popen([*COMMAND, "simulate", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        running.stdout.readline()
        running.send_signal(sent)
        assert running.wait(10) == 0
        assert running.stderr.read() == b""


def test_taken_port_is_a_sentence(service):
    port = service["graph_url"].rpartition(":")[2]
    ended = subprocess.run([*COMMAND, "simulate", "--port", port], capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "Choose another port" in ended.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["simulate", "--scenario", "nonsense"],
        ["simulate", "--fault", "nonsense"],
        ["demo", "--speed", "0"],
        ["simulate", "--speed", "fast"],
        ["simulate", "--port", "99999"],
        ["simulate", "--nonsense"],
        ["demo", "--out", __file__],
        [],
    ],
)
def test_wrong_arguments_are_explained_without_a_traceback(arguments):
    ended = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True)
    assert ended.returncode in (1, 2)
    assert "Traceback" not in ended.stderr


def test_without_a_command_all_are_shown():
    environ = {"PATH": os.environ["PATH"], "COLUMNS": "80"}
    shown = subprocess.run(COMMAND, capture_output=True, text=True, env=environ)
    lines = [line.split() for line in shown.stderr.partition("Commands:\n")[2].splitlines()]
    assert [line[0] for line in lines] == ["demo", "simulate", "listen", "open", "export", "classroom", "lab", "doctor"]
    assert all(len(line) > 2 for line in lines)
    assert shown.returncode == 2


@pytest.mark.parametrize("name", COMMANDS)
def test_short_help_equals_the_first_line_of_the_command(name):
    command = load_command(name)
    assert command.help.partition("\n")[0] == COMMANDS[name]
    assert command.name == name


def test_help_of_the_group_is_light():
    heavy = "{'rich', 'pandas', 'matplotlib', 'httpx', 'sqlalchemy', 'starlette', 'pydantic'}"
    code = f"import sys; from graphcall_nb.cli import main; main(['--help']); print(*({heavy} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.splitlines()[-1] == ""


def doctor(tmp_path, *arguments, **environ):
    environ = {"PATH": os.environ["PATH"], "COLUMNS": "300"} | environ
    return subprocess.run(
        [*COMMAND, "doctor", *arguments], capture_output=True, text=True, cwd=tmp_path, env=environ, timeout=60
    )


def test_doctor_of_a_first_run_without_settings(tmp_path):
    ended = doctor(tmp_path)
    assert (ended.returncode, ended.stderr) == (1, "")
    assert "3 settings are missing: GRAPHCALL_TENANT_ID" in ended.stdout
    assert "not reached" in ended.stdout


def test_doctor_writes_json_and_whole_names_into_a_pipe(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "40")
    path = str(tmp_path / ("a" * 100) / "missing.env")
    assert main(["doctor", "--json", "--env-file", path]) == 1
    report = json.loads(capsys.readouterr().out)
    assert main(["doctor", "--env-file", path]) == 1
    assert not report["ok"]
    assert path in report["checks"][0]["detail"]
    assert path in capsys.readouterr().out


def test_printed_settings_lead_doctor_and_connect_to_a_service_with_tls(tmp_path):
    command = [*COMMAND, "simulate", "--env", "--speed", "50", "--tls-dir", tmp_path / "a folder"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        lines = [running.stdout.readline() for _ in range(7)]
        assert all(line.startswith("GRAPHCALL_") for line in lines)
        (tmp_path / "tenant.env").write_text("".join(lines))
        ended = doctor(tmp_path, "--env-file", "tenant.env")
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert not any(line.partition("SECRET=")[2].strip() in ended.stdout for line in lines if "SECRET=" in line)
        with gc.connect(env_file=tmp_path / "tenant.env", journal=tmp_path / "journal.sqlite") as session:
            session.create_call(templates.peer_to_peer()).wait_for("established", timeout=20)
        running.terminate()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--address", "graph.test"], "write http:// or https://"),
        (["--tls", "--address", "http://graph.test"], "write https://"),
        (["--tls-dir", __file__], "choose a folder"),
        (["--callback-ca", "missing.pem"], "check the path"),
        (["--env", "--json"], "choose one"),
    ],
)
def test_invalid_option_is_a_sentence_with_the_remedy(arguments, words, capsys):
    assert main(["simulate", *arguments]) == 1
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_doctor_takes_only_templates_there_are(tmp_path):
    ended = doctor(tmp_path, "--template", "nonsense")
    assert ended.returncode == 1
    assert "peer_to_peer" in ended.stderr
    assert "Traceback" not in ended.stderr


SCENARIO = "name: late\nsteps: [{event: connect, after: 1}, {event: end, after: 1, result: no_media}]\n"


def test_simulate_plays_the_scenario_of_a_file(tmp_path):
    (tmp_path / "late.yaml").write_text(SCENARIO)
    options = ["--scenario-file", "late.yaml", "--rule", "+1999*=busy", "--virtual-time"]
    command = [*COMMAND, "simulate", "--json", *options]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as running:
        service = json.loads(running.stdout.readline())
        bearer = token(service)
        assert post(service, (SAMPLES / "pstn.request.json").read_text(), bearer=bearer).status_code == 201
        post(service, '{"seconds": 10}', "/simulator/advance", bearer)
        headers = {"authorization": f"Bearer {bearer}"}
        [states] = httpx.get(service["graph_url"] + "/simulator/calls", headers=headers).json().values()
        running.terminate()
    assert states == ["establishing", "established", "terminated"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--scenario-file", "bad.yaml"],
            "bad.yaml, line 1: stepz: unknown member of a scenario 'stepz'",
        ),
        (["--scenario-file", "none.yaml"], "none.yaml"),
        (["--scenario", "bussy"], "did you mean 'busy'?"),
        (["--rule", "busy"], "write PATTERN=SCENARIO"),
        (["--rule", "1425=busy"], "matches nothing"),
        (["--rule", "+1*=bussy"], "did you mean 'busy'?"),
    ],
)
def test_simulate_refuses_a_wrong_scenario_in_one_sentence(tmp_path, monkeypatch, capsys, options, message):
    (tmp_path / "bad.yaml").write_text("stepz: []")
    monkeypatch.chdir(tmp_path)
    assert main(["simulate", *options]) == 1
    assert message in (error := capsys.readouterr().err)
    assert error.count("\n") == 1
