"""The same request for somebody else's tool: JSON, an http block, a cURL line, a Python script.

The access token is read from the environment variable ``TOKEN`` and is never part of what is written; neither is what
the service sets itself.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from typing import Any, Literal

from .._arguments import require_choice
from .._text import escape_invisible, in_python, json_text
from .models import Call
from .versions import DEFAULT, ApiVersion, get_version

Style = Literal["json", "http", "curl", "python"]

GRAPH = "https://graph.microsoft.com"


def export_call(call: Call | Mapping[str, Any], style: Style, version: str | ApiVersion = DEFAULT) -> str:
    """A call as text that another tool takes.

    Parameters
    ----------
    call
        The call, or a dict in Graph's names. What the service sets itself (``id``, ``state``, …) is left out.
    style
        ``"json"``: the body; ``"http"``: a request block for an editor's REST client, which
        :func:`graphcall_nb.parse_call` reads too; ``"curl"``: a command for a POSIX shell; ``"python"``: a script
        that needs httpx only. ``curl`` and ``python`` take the access token from the environment variable ``TOKEN``.
    version
        The version of the API: it decides the address.

    Raises
    ------
    ValueError
        When there is no such style or version; the message lists those there are.
    InvalidCall
        For a dict that is no call.

    Examples
    --------
    >>> print(export_call(Call(subject="It's me"), "http"))
    POST https://graph.microsoft.com/beta/app/calls
    Authorization: Bearer $TOKEN
    Content-Type: application/json
    <BLANKLINE>
    {
      "subject": "It's me"
    }
    """
    write = _WRITERS[require_choice("style", style, _WRITERS)]
    spoken = get_version(version)
    written = spoken.write_call(call if isinstance(call, Call) else Call.from_json_dict(call))
    return write(GRAPH + spoken.calls_path(), written)


def _json(url: str, body: dict[str, Any]) -> str:
    return json_text(body)


def _http(url: str, body: dict[str, Any]) -> str:
    head = f"POST {url}\nAuthorization: Bearer $TOKEN\nContent-Type: application/json"
    return f"{head}\n\n{_json(url, body)}"


def _curl(url: str, body: dict[str, Any]) -> str:
    # An apostrophe is written as JSON's escape: the body then needs no quoting inside the shell's quotes, which
    # other readers of cURL lines than a shell often get wrong.
    data = shlex.quote(_json(url, body).replace("'", "\\u0027"))
    lines = (
        f"curl {shlex.quote(url)}",
        '--header "Authorization: Bearer $TOKEN"',
        "--header 'Content-Type: application/json'",
        f"--data {data}",
    )
    return " \\\n  ".join(lines)


def _python(url: str, body: dict[str, Any]) -> str:
    return f"""import os

import httpx

call = {_literal(body)}

response = httpx.post(
    "{url}",
    headers={{"Authorization": f"Bearer {{os.environ['TOKEN']}}"}},
    json=call,
)
response.raise_for_status()
print(response.json()["id"])
"""


def _literal(value: Any, indent: str = "") -> str:
    """A JSON value as Python, one member a line."""
    inner = indent + "    "
    if isinstance(value, dict) and value:
        members = [f"{_literal(key)}: {_literal(item, inner)}" for key, item in value.items()]
    elif isinstance(value, list) and value:
        members = [_literal(item, inner) for item in value]
    else:
        # Each escape of a JSON string means the same in Python, and the quotes match the rest of the script.
        written = json.dumps(value, ensure_ascii=False)
        return escape_invisible(written, in_python) if isinstance(value, str) else repr(value)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    lines = "".join(f"{inner}{member},\n" for member in members)
    return f"{opening}\n{lines}{indent}{closing}"


_WRITERS: dict[str, Callable[[str, dict[str, Any]], str]] = {
    "json": _json,
    "http": _http,
    "curl": _curl,
    "python": _python,
}
