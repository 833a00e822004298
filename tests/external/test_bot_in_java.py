"""The bot of the page for Java against ``graphcall-nb simulate --tls``."""

import json
import os
import re
import shutil
import ssl
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

PAGE = (Path(__file__).parent.parent.parent / "docs" / "bot-in-java.md").read_text("utf-8")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (shutil.which("javac") and shutil.which("keytool")), reason="a JDK is not installed"),
]


@pytest.fixture
def service(tmp_path):
    command = [sys.executable, "-m", "graphcall_nb", "simulate", "--tls-dir", tmp_path, "--virtual-time", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        yield json.loads(running.stdout.readline())
        running.terminate()


@pytest.fixture
def bot(service, tmp_path):
    """The address for notifications of the running bot."""
    (tmp_path / "Bot.java").write_text(re.search(r'```java title="Bot.java"\n(.*?)```', PAGE, re.DOTALL)[1])
    store = ["-keystore", "ca.p12", "-storepass", "changeit"]
    trust = ["keytool", "-importcert", "-noprompt", "-file", service["ca_file"], *store]
    subprocess.run(trust, cwd=tmp_path, check=True, capture_output=True)
    names = ("tenant_id", "client_id", "client_secret", "graph_url", "openid_url")
    environ = {f"GRAPHCALL_{name.upper()}": service[name] for name in names}
    environ |= os.environ | {"GRAPHCALL_AUTHORITY": service["graph_url"]}
    options = ["-Djavax.net.ssl.trustStore=ca.p12", "-Djavax.net.ssl.trustStorePassword=changeit"]
    command = ["java", *options, "Bot.java", "0"]
    with subprocess.Popen(command, cwd=tmp_path, env=environ, stdout=subprocess.PIPE, text=True) as running:
        yield running.stdout.readline().strip()
        running.terminate()


def test_bot_answers_greets_and_transfers(service, bot):
    form = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
    form |= {name: service[name] for name in ("client_id", "client_secret")}
    verify = ssl.create_default_context(cafile=service["ca_file"])
    with httpx.Client(base_url=service["graph_url"], verify=verify, trust_env=False, timeout=60) as http:
        http.headers["Authorization"] = f"Bearer {http.post(service['token_url'], data=form).json()['access_token']}"

        def post(path, **body):
            response = http.post(f"/simulator/{path}", json=body)
            assert response.is_success, response.text
            return response.json() if response.content else None

        call_id = post("ring", callbackUri=bot, version="v1.0")["id"]
        post("advance", seconds=5)
        prompt = {"mediaInfo": {"uri": "https://cdn.contoso.com/welcome.wav"}}
        post("verify", operation="playPrompt", call_id=call_id, body={"prompts": [prompt]}, times=1)
        post(f"calls/{call_id}/press", tones=["tone1"])
        post("advance", seconds=1)
        post("verify", operation="transfer", call_id=call_id, times=1)
        assert httpx.post(bot, json={}, trust_env=False).status_code == 401
