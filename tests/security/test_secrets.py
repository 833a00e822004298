"""No secret in anything that outlives a session: logs at DEBUG, tracebacks, exports, the saved notebook, the journal.

The session runs in a real kernel against a service on a port, whose every secret is known here: the client secret, each
access token it issued, each token that signed notifications, and the secret path of each callback address.
"""

import json
import re

import nbformat
import pytest
from nbclient import NotebookClient

from graphcall_nb.background import Background, serve
from graphcall_nb.simulator import Simulator
from graphcall_nb.simulator.delivery import HttpPoster

pytestmark = pytest.mark.slow

CELLS = [
    # Everything that can be logged is, and tracebacks show the values of local names.
    "import logging\n"
    "logging.basicConfig(level=logging.DEBUG, filename='debug.log')\n"
    "logging.getLogger().addHandler(logging.StreamHandler())\n"
    "%xmode Verbose",
    "import graphcall_nb as gc\nfrom typed import another, passcode\nsession = gc.connect()\nsession",
    "call = session.create_call(gc.templates.peer_to_peer())\ncall.wait_for('established', timeout=60)\ncall",
    "session.create_call(gc.templates.join_meeting_id(passcode=passcode())); session",
    "report = session.doctor().wait(); assert report.ok, report\nreport",
    "session.doctor()",
    "form = session.form(gc.templates.peer_to_peer())\nform",
    "session.cockpit()",
    "session.notifications()",
    "session.notifications().to_csv('notifications.csv')\nsession.calls().to_json('calls.json')\n"
    "session.notifications()['raw'].tolist()",
    "session.requests().to_csv('requests.csv')\nsession.journal.read_requests()",
    "for style in ('json', 'http', 'curl', 'python'):\n    print(gc.export_call(gc.templates.peer_to_peer(), style))\n"
    "    print(gc.export_call(form.call, style))",
    "gc.plot_timeline(session.intervals())",
    "vars(session), session.async_calls, session.async_calls.version, session.listener, session.journal",
    # Failures of each kind.
    "session.create_call({'subject': 'no targets'})",
    "session.call('unknown')",
    "session.run(session.async_calls.get('unknown'))",
    "gc.connect(client_credential=another())",
    "gc.connect(client_credential=another(), authority='http://127.0.0.1:9')",
    "gc.doctor(client_credential=another()).wait()",
    "1 / 0  # in a session's cell",
    "call.hang_up()\ncall.wait_for('terminated', timeout=60)",
    "session.close()\nsession",
]


class RecordingService:
    """The service, and who listens at its door: every secret that passes."""

    def __init__(self):
        self.secrets = {"another-secret"}
        self._network = HttpPoster()
        self.simulator = Simulator(speed=20, post=self._post)
        self.secrets.add(self.simulator.tenant.bot.secret)

    async def _post(self, url, headers, content):
        """Post a notification, and note its token and the secret in its path."""
        self.secrets.add(headers["Authorization"].split()[1])
        self.secrets.add(url.rpartition("/")[2])
        return await self._network.post(url, headers, content)

    async def aclose(self):
        await self._network.aclose()

    async def __call__(self, scope, receive, send):
        """Requests on their way in: their access token."""
        for name, value in scope["headers"]:
            if name == b"authorization":
                self.secrets.add(value.decode().split()[1])
        await self.simulator.app(scope, receive, send)


@pytest.fixture(scope="module")
def overheard():
    background = Background("service")
    background.start()
    service = RecordingService()
    server = background.run(serve(service))
    service.info = service.simulator.info(server.url)
    yield service
    background.run(server.close())
    background.run(service.simulator.aclose())
    background.run(service.aclose())
    background.stop()


@pytest.fixture(scope="module")
def left(overheard, tmp_path_factory):
    """The folder that a whole session in a notebook leaves behind, the ``.env`` file apart."""
    folder = tmp_path_factory.mktemp("left")
    info = overheard.info
    named = {name: info[name] for name in ("tenant_id", "client_id", "client_secret", "graph_url", "openid_url")}
    lines = [f"GRAPHCALL_{name.upper()}={value}" for name, value in (named | {"authority": info["graph_url"]}).items()]
    (folder / ".env").write_text("\n".join(lines))
    (folder / "typed.py").write_text("another = lambda: 'another-secret'\npasscode = lambda: 'passcode-secret'\n")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    settings = {"timeout": 240, "allow_errors": True, "store_widget_state": True}
    NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}, **settings).execute()
    nbformat.write(notebook, folder / "saved.ipynb")
    (folder / ".env").unlink()
    (folder / "typed.py").unlink()
    return folder


def test_notebook_raised_the_expected_errors(left, overheard):
    failed = {
        cell.source: output.ename
        for cell in nbformat.read(left / "saved.ipynb", 4).cells
        for output in cell.outputs
        if output.output_type == "error"
    }
    names = ["GraphError", "ValueError", "NotFound", "SignInFailed", "ServiceUnreachable", "ZeroDivisionError"]
    assert list(failed.values()) == names, failed
    # The client's and another one; an access token; a token and the path of notifications.
    assert len(overheard.secrets) >= 5
    assert {path.name for path in left.iterdir()} >= {"debug.log", "saved.ipynb", "notifications.csv", "requests.csv"}


def test_failed_connect_is_one_sentence_in_a_notebook(left):
    cells = nbformat.read(left / "saved.ipynb", 4).cells
    outputs = [output for cell in cells for output in cell.outputs if output.output_type == "error"]
    for failed in (output for output in outputs if output.ename in ("SignInFailed", "ServiceUnreachable")):
        assert failed.traceback == [f"{failed.ename}: {failed.evalue}"]


def test_no_file_contains_a_secret(left, overheard):
    texts = {path.name: path.read_bytes() for path in left.iterdir() if path.is_file()}
    found = {
        (name, secret[:12], *re.findall(rb".{0,60}%s" % re.escape(secret[:12].encode()), text)[:2])
        for name, text in texts.items()
        for secret in overheard.secrets
        if secret.encode() in text
    }
    assert found == set()


def test_log_is_not_empty(left):
    log = (left / "debug.log").read_text()
    assert "httpx" in log
    assert "/…" in log or "oauth2" in log


def test_journal_has_the_host_without_the_path(left):
    assert b"127.0.0.1" in (left / "graphcall.sqlite").read_bytes()


def test_widgets_are_in_the_saved_notebook(left):
    states = nbformat.read(left / "saved.ipynb", 4).metadata["widgets"]
    assert "Check again" in json.dumps(states)
