import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcall_nb.graph import templates
from graphcall_nb.graph.export import GRAPH, export_call
from graphcall_nb.graph.models import Call
from graphcall_nb.graph.parse import parse_call
from graphcall_nb.graph.versions import get_version

NASTY = "It's \"$HOME\" `id` $(id) \\ \n\t $'x' é 😀 \u2028 </script>"
STYLES = ("json", "http", "curl", "python")


class Recorder(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, self.headers["Authorization"], json.loads(body)))
        self.send_response(201)
        self.end_headers()
        self.wfile.write(b'{"id": "made"}')

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    with HTTPServer(("127.0.0.1", 0), Recorder) as server:
        server.requests = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def here(text: str, server) -> str:
    return text.replace(GRAPH, f"http://127.0.0.1:{server.server_port}")


@pytest.mark.parametrize("name", templates.ALL)
@pytest.mark.parametrize("style", ["json", "http", "curl"])
def test_export_is_read_back(name, style):
    call = templates.ALL[name].build()
    assert parse_call(export_call(call, style)).to_json_dict() == call.to_json_dict()


@pytest.mark.parametrize("name", templates.ALL)
@pytest.mark.parametrize("style", ["json", "http", "curl"])
def test_export_of_v1_is_read_back(name, style):
    version = get_version("v1.0")
    call = templates.ALL[name].build()
    text = export_call(call, style, version)
    assert version.write_call(parse_call(text)) == version.write_call(call)
    assert style == "json" or "https://graph.microsoft.com/v1.0/communications/calls" in text


@given(st.text())
@pytest.mark.parametrize("style", ["json", "http", "curl"])
def test_any_text_survives_export_and_parsing(style, text):
    assert parse_call(export_call(Call(subject=text), style)).subject == text


@pytest.mark.parametrize("text", ["$'x'", "it's $'", "''"])
def test_quotes_in_a_curl_line_are_read_back(text):
    assert parse_call(export_call(Call(subject=text), "curl")).subject == text


@pytest.mark.slow
@given(st.dictionaries(st.text(), st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists)))
def test_python_script_has_the_same_values(extra):
    written = {}
    script = export_call(Call.from_json_dict({"newInGraph": extra}), "python")
    exec(script.partition("\nresponse")[0].replace("import httpx", ""), written)  # noqa: S102
    assert written["call"] == {"newInGraph": extra}


def test_curl_sends_the_call(server):
    command = here(export_call(Call(subject=NASTY), "curl"), server)
    subprocess.run(
        ["sh", "-c", command], env={"TOKEN": "a b", "PATH": "/usr/bin:/bin"}, check=True, capture_output=True
    )
    assert server.requests == [("/beta/app/calls", "Bearer a b", {"subject": NASTY})]


def test_python_sends_the_call_and_prints_its_id(server):
    script = here(export_call(Call(subject=NASTY), "python"), server)
    done = subprocess.run(
        [sys.executable, "-c", script], env={"TOKEN": "t"}, check=True, capture_output=True, text=True
    )
    assert server.requests == [("/beta/app/calls", "Bearer t", {"subject": NASTY})]
    assert done.stdout == "made\n"


@pytest.mark.parametrize("style", STYLES)
def test_server_generated_fields_are_never_exported(style):
    call = Call(id="57DAB8B1", state="ringing", subject="Kept")
    text = export_call(call, style)
    assert "Kept" in text
    assert "57DAB8B1" not in text
    assert "ringing" not in text


@pytest.mark.parametrize("style", STYLES[1:])
def test_the_token_is_read_from_the_environment(style):
    assert "TOKEN" in export_call(Call(), style)


def test_unknown_style_names_the_known_ones():
    with pytest.raises(ValueError, match="json, http, curl, python"):
        export_call(Call(), "soap")


@pytest.mark.parametrize("style", STYLES)
def test_dict_is_accepted(style):
    assert export_call({"subject": "Hello"}, style) == export_call(Call(subject="Hello"), style)
