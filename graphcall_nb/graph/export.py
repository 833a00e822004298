"""Export of a request to other tools: JSON, an http block, a cURL command, a Python script.

The access token is read from the environment variable ``TOKEN``; neither it nor the fields that the service sets are
written.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from typing import Any, Literal

from .._arguments import require_choice
from .._text import escape_invisible, in_python, json_text
from .models import Call
from .versions import DEFAULT, ApiVersion, VersionName, get_version

Style = Literal["json", "http", "curl", "python"]

GRAPH = "https://graph.microsoft.com"


def export_call(call: Call | Mapping[str, Any], style: Style, version: VersionName | ApiVersion = DEFAULT) -> str:
    """Return a call as text for another tool.

    Parameters
    ----------
    call : Call or mapping
        The call, or a dict in Graph's names. Fields that the service sets (``id``, ``state``, …) are left out.
    style : {"json", "http", "curl", "python"}
        ``"json"``: the body; ``"http"``: a request for the REST client of an editor, which
        :func:`graphcall_nb.parse_call` reads as well; ``"curl"``: a command for a POSIX shell; ``"python"``: a script
        that needs httpx only. ``curl`` and ``python`` read the access token from the environment variable ``TOKEN``.
    version : str or ApiVersion
        Version of the API.

    Returns
    -------
    str
        Text to paste into the tool.

    Raises
    ------
    ValueError
        For an unknown style or version; the message lists the known ones.
    InvalidCall
        When a dict cannot be read as a call.

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
    known_version = get_version(version)
    body = known_version.write_call(call if isinstance(call, Call) else Call.from_json_dict(call))
    return write(GRAPH + known_version.calls_path(), body)


def _json(url: str, body: dict[str, Any]) -> str:
    return json_text(body)


def _http(url: str, body: dict[str, Any]) -> str:
    head = f"POST {url}\nAuthorization: Bearer $TOKEN\nContent-Type: application/json"
    return f"{head}\n\n{_json(url, body)}"


def _curl(url: str, body: dict[str, Any]) -> str:
    # An apostrophe is written as an escape of JSON, so the body needs no quoting inside the shell's quotes, which many
    # tools that read cURL commands get wrong.
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
    """Return a JSON value as a Python literal with one member per line."""
    inner = indent + "    "
    if isinstance(value, dict) and value:
        members = [f"{_literal(key)}: {_literal(item, inner)}" for key, item in value.items()]
    elif isinstance(value, list) and value:
        members = [_literal(item, inner) for item in value]
    else:
        # The escapes of a JSON string are valid in Python, and the quotes match the rest of the script.
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
