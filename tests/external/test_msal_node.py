"""Microsoft's libraries for Node against ``graphcall-nb simulate --tls``: sign-in, and a call with their client.

They come from the npm registry: ``npm install @azure/msal-node @azure/identity @microsoft/microsoft-graph-client`` in
the folder ``GRAPHCALL_NODE_LIBRARIES``, without which these tests are skipped.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("GRAPHCALL_NODE_LIBRARIES", "missing"))

pytestmark = pytest.mark.skipif(
    not (FOLDER / "node_modules" / "@azure").is_dir(), reason="GRAPHCALL_NODE_LIBRARIES has none of the libraries"
)

START = """
const info = JSON.parse(process.env.SERVICE);
const scopes = ["https://graph.microsoft.com/.default"];
const show = (value) => console.log(JSON.stringify(value));
"""
CREDENTIAL = """
const { ClientSecretCredential } = require("@azure/identity");
const settings = { authorityHost: info.graph_url, disableInstanceDiscovery: true };
const credential = new ClientSecretCredential(info.tenant_id, info.client_id, info.client_secret, settings);
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    command = [sys.executable, "-m", "graphcall_nb", "simulate", "--json", "--tls-dir", tmp_path_factory.mktemp("tls")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        yield json.loads(running.stdout.readline())
        running.terminate()


def run(service, script):
    """Return the JSON value that a script shows."""
    environ = os.environ | {"SERVICE": json.dumps(service), "NODE_EXTRA_CA_CERTS": service["ca_file"]}
    command = ["node", "-e", START + script]
    ended = subprocess.run(command, cwd=FOLDER, env=environ, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_msal_node_signs_in(service):
    token = """
    const { ConfidentialClientApplication } = require("@azure/msal-node");
    const auth = { clientId: info.client_id, clientSecret: info.client_secret, authority: info.authority };
    auth.knownAuthorities = [new URL(info.authority).host];
    new ConfidentialClientApplication({ auth }).acquireTokenByClientCredential({ scopes }).then(show);
    """
    assert run(service, token)["tokenType"] == "Bearer"


def test_azure_identity_signs_in(service):
    assert run(service, CREDENTIAL + "credential.getToken(scopes).then(show)")["token"].count(".") == 2


def test_graph_client_creates_a_call(service):
    script = """
    const { Client } = require("@microsoft/microsoft-graph-client");
    const authProvider = { getAccessToken: async () => (await credential.getToken(scopes)).token };
    const customHosts = new Set([new URL(info.graph_url).hostname]);
    const graph = Client.initWithMiddleware({ baseUrl: info.graph_url, customHosts, authProvider });
    const call = {
      "@odata.type": "#microsoft.graph.call",
      callbackUri: "http://127.0.0.1:9/api/calls",
      targets: [{ identity: { user: { id: "550fae72-d251-43ec-868c-373732c2704f" } } }],
      requestedModalities: ["audio"],
      mediaConfig: { "@odata.type": "#microsoft.graph.serviceHostedMediaConfig" },
      tenantId: info.tenant_id,
    };
    graph.api("/communications/calls").post(call).then(show);
    """
    assert run(service, CREDENTIAL + script)["state"] == "establishing"
