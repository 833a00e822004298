"""Every regular expression of the package takes linear time, also for texts made to slow it down."""

import ast
import asyncio
import contextlib
import importlib
import json
import pkgutil
import re
import time
from pathlib import Path

import pytest

import graphcall_nb
from graphcall_nb import Call, lint, parse_call
from graphcall_nb._text import escape_invisible, find_invisible
from graphcall_nb.errors import InvalidCall
from graphcall_nb.graph.join_url import find_meeting
from graphcall_nb.graph.notifications import read_notifications
from graphcall_nb.graph.results import explain
from graphcall_nb.journal.anonymize import Anonymizer
from graphcall_nb.listener.app import Listener
from graphcall_nb.tunnels.cloudflared import CLOUDFLARED
from graphcall_nb.tunnels.devtunnel import DEVTUNNEL
from graphcall_nb.tunnels.url import UrlScanner

PACKAGE = Path(graphcall_nb.__file__).parent
LENGTH = 16 << 10
MAX_SECONDS = 0.2
"""Processor time of one search; linear ones take a few milliseconds, quadratic ones a second."""

# The starts of everything that a pattern of the package looks for, and of its repetitions.
PIECES = (
    *"a1A0 \n\t-./\\\"'+(,_@%?<&={}[];",
    *"\x1b\u200d\U0001f3f4",
    *(
        "a.",
        "a-",
        "a+",
        "a@",
        "a@a.",
        "+1",
        "+1 ",
        "1 ",
        "tel:1",
        '"a',
        '\\"',
        "$'",
        "$'\\",
        "\\u",
        "\\n",
        "\u0627\u200d",
    ),
    *(
        "//",
        "/*",
        "/**",
        "*/",
        "```",
        "```\n",
        "\n ",
        " \n",
        ", ",
        " and ",
        " or ",
        "ab:",
        "ab:/",
        "\U0001f3f4\U000e0062",
    ),
    *("POST ", "POST a ", "GET a HTTP/1.1 ", "HTTP/1.1 200", "http://a", "https://a", "https:\\/\\/a", "/app/calls/"),
    *("https://a/l/meetup-join/", "https://a/l/meetup-join/a ", "DiagCode: ", "DiagCode: 1", "DiagCode:\t1#"),
    *("\x1b[", "\x1b]", "\x1b[0;", "\x1b]a\x1b", "https://a-", "https://a.", "from https://a.", "ERR_NGROK_"),
    *("connIndex=", "{a", '{"', '{"a":{', "{a:[{", "{x{}", "{/*", "{'", '"{\\"', "{x(", "<https:", "<a", "1234567890 "),
    *(
        "123 456 789 ",
        "id: 1234567890",
        "http://teams/meet/",
        "https%3a",
        "https://teams.live.com/",
        "@{",
        "a:=",
        "^\n",
    ),
)


def find_modules():
    names = [module.name for module in pkgutil.walk_packages([str(PACKAGE)], "graphcall_nb.")]
    skipped = ("graphcall_nb.notebooks", "graphcall_nb.__main__", "graphcall_nb.tunnels.supervisor")
    return [importlib.import_module(name) for name in names if not name.startswith(skipped)]


def find_calls():
    """Yield file and first argument of each call of a function of ``re``."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=name), args=[pattern, *_]):
                    if name != "escape":
                        yield str(path.relative_to(PACKAGE)), pattern


MODULES = find_modules()
CALLS = list(find_calls())
COMPILED = {value for module in MODULES for value in vars(module).values() if isinstance(value, re.Pattern)}
TEXTS = {argument.value for _, argument in CALLS if isinstance(argument, ast.Constant)}
PATTERNS = COMPILED | {re.compile(text, re.DOTALL | re.IGNORECASE) for text in TEXTS if isinstance(text, str)}

# Files that make patterns from other text; FUNCTIONS has the functions that use them.
DYNAMIC = {"journal/anonymize.py", "tunnels/devtunnel.py", "tunnels/program.py", "tunnels/url.py"}


def test_every_pattern_is_checked():
    constant = ast.Constant | ast.JoinedStr | ast.Name
    dynamic = {file for file, argument in CALLS if not isinstance(argument, constant)}
    assert dynamic - DYNAMIC == set()
    assert len(COMPILED) > 15


def find_slow(function):
    """Return the first piece whose repetition takes a function too long five times: a busy machine slows some runs."""
    for piece in PIECES:
        text = (piece * (LENGTH // len(piece) + 1))[:LENGTH]
        if all(measure(function, text) > MAX_SECONDS for _ in range(5)):
            return piece
    return None


def measure(function, text):
    started = time.thread_time()
    function(text)
    return time.thread_time() - started


@pytest.mark.parametrize("pattern", sorted(PATTERNS, key=repr), ids=lambda pattern: pattern.pattern[:40])
def test_pattern_takes_linear_time(pattern):
    def search(text):
        text = text if isinstance(pattern.pattern, str) else text.encode("utf-8", "surrogatepass")
        for _ in pattern.finditer(text):
            pass

    assert find_slow(search) is None


def make_listener_reader():
    listener = Listener(None, None, path="/api/calls/" + "S" * 43)

    async def respond(body):
        responded = asyncio.Event()
        listener.handle(body, lambda *response: responded.set())
        await responded.wait()

    return lambda text: asyncio.run(respond(json.dumps({"value": text + "S" * 43}).encode()))


def make_anonymizer():
    anonymizer = Anonymizer()
    anonymizer.mask_json('[{"displayName": "aaaa"}, {"displayName": "a a a"}]')
    return lambda text: (anonymizer.mask_text(text), anonymizer.mask_json(json.dumps({"url": text + " ://?"})))


def parse(text):
    for body in (text, "{" + text, '{"a": "' + text, "curl --data " + text, "POST /x\n\n{" + text):
        with contextlib.suppress(InvalidCall):
            parse_call(body)


def lint_number(text):
    lint(Call.from_json_dict({"targets": [{"identity": {"phone": {"id": text}}}]}))


def find_invitation(text):
    with contextlib.suppress(InvalidCall):
        find_meeting(text)


FUNCTIONS = {
    "listener": make_listener_reader(),
    "anonymize": make_anonymizer(),
    "parse_call": parse,
    "lint": lint_number,
    "escape_invisible": escape_invisible,
    "find_invisible": find_invisible,
    "read_result": lambda text: explain(text, text),
    "notification": lambda text: read_notifications(json.dumps({"value": [{"resource": text}]})),
    "find_meeting": find_invitation,
    "output of a tunnel": lambda text: UrlScanner(r"from (https://[a-z0-9-]+\.serveo\.net)").feed(text),
    "output of cloudflared": lambda text: UrlScanner(CLOUDFLARED.url_pattern).feed(text),
    "output of devtunnel": lambda text: UrlScanner(DEVTUNNEL.url_pattern).feed(text),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_takes_linear_time(name):
    assert find_slow(FUNCTIONS[name]) is None
