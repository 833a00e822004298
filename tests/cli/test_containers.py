"""The examples for containers and CI of the documentation, on hosts that are network namespaces."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.slow

DOCS = Path(__file__).parent.parent.parent / "docs"
COMPOSE, ACTIONS = map(
    yaml.safe_load, re.findall(r"```yaml\n(.*?)```", (DOCS / "containers.md").read_text(), re.DOTALL)
)
ENVIRON = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
PATIENCE_SECONDS = 60

BOT = """
import json, os, queue, ssl, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
import httpx

class Bot(BaseHTTPRequestHandler):
    def do_POST(self):
        for item in json.loads(self.rfile.read(int(self.headers["Content-Length"])))["value"]:
            states.put(item["resourceData"].get("state"))
        self.send_response(202)
        self.end_headers()

states = queue.Queue()
threading.Thread(target=HTTPServer(("0.0.0.0", 3978), Bot).serve_forever, daemon=True).start()
form = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
form |= {"client_id": os.environ["CLIENT_ID"], "client_secret": os.environ["CLIENT_SECRET"]}
with httpx.Client(trust_env=False, verify=ssl.create_default_context(cafile=os.environ["REQUESTS_CA_BUNDLE"])) as http:
    document = http.get(os.environ["AUTHORITY"] + "/v2.0/.well-known/openid-configuration").json()
    token = http.post(document["token_endpoint"], data=form).json()["access_token"]
    body = json.loads(os.environ["CALL"]) | {"callbackUri": os.environ["CALLBACK_URI"]}
    url = os.environ["GRAPH_URL"] + "/v1.0/communications/calls"
    response = http.post(url, json=body, headers={"Authorization": f"Bearer {token}"}).raise_for_status()
while states.get(timeout=30) != "established":
    pass
print(response.headers["location"])
"""
CALL = {
    "@odata.type": "#microsoft.graph.call",
    "targets": [{"identity": {"user": {"id": "550fae72-d251-43ec-868c-373732c2704f"}}}],
    "requestedModalities": ["audio"],
    "mediaConfig": {"@odata.type": "#microsoft.graph.serviceHostedMediaConfig"},
}


def run(command, **settings):
    return subprocess.run(command, check=True, capture_output=True, text=True, **settings).stdout


class Hosts:
    """Two hosts that know each other by the names of the services."""

    def __init__(self, stack):
        number = os.getpid()
        self._names = {"graph": f"gc{number}g", "bot": f"gc{number}b"}
        addresses = {"graph": "10.99.87.1", "bot": "10.99.87.2"}
        table = "127.0.0.1 localhost\n" + "".join(f"{address} {name}\n" for name, address in addresses.items())
        for namespace in self._names.values():
            run(["ip", "netns", "add", namespace])
            stack.callback(run, ["ip", "netns", "del", namespace])
            folder = Path("/etc/netns", namespace)
            folder.mkdir(parents=True)
            stack.callback(shutil.rmtree, folder)
            (folder / "hosts").write_text(table)
        ends = [end for name in self._names.values() for end in ("eth0", "netns", name)]
        run(["ip", "link", "add", *ends[:3], "type", "veth", "peer", "name", *ends[3:]])
        for name, address in addresses.items():
            run([*self.enter(name), "ip", "address", "add", f"{address}/24", "dev", "eth0"])
            for device in ("eth0", "lo"):
                run([*self.enter(name), "ip", "link", "set", device, "up"])

    def enter(self, service):
        return ["ip", "netns", "exec", self._names[service]]


@pytest.fixture
def hosts():
    with ExitStack() as stack:
        try:
            opened = Hosts(stack)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("network namespaces cannot be made here")
        yield opened


def wait_until(is_ready):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_ready():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_services_of_compose_reach_each_other(hosts, tmp_path):
    graph, bot = COMPOSE["services"]["graph"], COMPOSE["services"]["bot"]
    command, check = (text.replace("/tls", str(tmp_path)) for text in (graph["command"], graph["healthcheck"]["test"]))
    settings = {name: value.replace("/tls", str(tmp_path)) for name, value in bot["environment"].items()}
    start, check = [*hosts.enter("graph"), *shlex.split(command)], [*hosts.enter("graph"), "sh", "-c", check]
    with subprocess.Popen(start, env=ENVIRON, stdout=subprocess.DEVNULL) as running:
        try:
            wait_until(lambda: subprocess.run(check, env=ENVIRON, capture_output=True).returncode == 0)
            environ = ENVIRON | settings | {"CALL": json.dumps(CALL)}
            location = run([*hosts.enter("bot"), sys.executable, "-c", BOT], env=environ, timeout=PATIENCE_SECONDS)
        finally:
            running.terminate()
    assert location.startswith("https://graph:8700/v1.0/communications/calls/")


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_step_of_actions_passes_the_settings_on(hosts, tmp_path):
    script = next(step["run"] for step in ACTIONS["jobs"]["test"]["steps"] if step.get("name") == "Start the simulator")
    variables = tmp_path / "github.env"
    command = ["timeout", "60", *hosts.enter("graph"), "bash", "-ec", script + "kill %1"]
    run(command, cwd=tmp_path, env=ENVIRON | {"GITHUB_ENV": str(variables)})
    assert "GRAPHCALL_CA_BUNDLE=" in variables.read_text()
