"""Reading a request's body: size, content type, JSON."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from starlette.requests import ClientDisconnect, Request

from .refusals import GraphFault, unreadable

MAX_BODY_BYTES = 4 * 1024 * 1024

# A string, or a comma with nothing but a closing bracket after it. An unclosed string is swallowed to the end of the
# text, so that the scan stays linear.
_STRING_OR_TRAILING_COMMA = re.compile(r'("(?:[^"\\]|\\.)*+(?:"|\\?\Z))|,(?=\s*+[}\]])', re.DOTALL)


async def read_bytes(request: Request, limit: int = MAX_BODY_BYTES) -> bytes:
    """The body, refused with 413 as soon as it is longer than ``limit``."""
    parts: list[bytes] = []
    length = 0
    try:
        async for part in request.stream():
            length += len(part)
            if length > limit:
                raise GraphFault(
                    413, "RequestEntityTooLarge", f"The request body is larger than {limit} bytes. Send a smaller one."
                )
            parts.append(part)
    except ClientDisconnect:
        raise unreadable("The connection closed before the body was whole.") from None
    return b"".join(parts)


async def read_object(request: Request, *, may_be_empty: bool = False) -> dict[str, Any]:
    """The JSON object in the body of a request; an empty body is an empty object where that may be."""
    headers = request.headers
    if may_be_empty and headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return {}
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise GraphFault(
            415,
            "UnsupportedMediaType",
            f"The content type is {media_type or 'missing'}. Send Content-Type: application/json.",
        )
    value = parse(await read_bytes(request))
    if not isinstance(value, dict):
        raise unreadable("A JSON object is expected: the call.")
    return value


def parse(data: bytes) -> Any:
    """JSON, with trailing commas forgiven: the published bodies have some, and are to be taken as they are."""
    if not data.strip():
        raise unreadable("The body is empty: send the call as a JSON object.")
    try:
        text = data.decode("utf-8-sig")
        try:
            value = _strict(text)
        except json.JSONDecodeError:
            value = _strict(_STRING_OR_TRAILING_COMMA.sub(lambda found: found[1] or "", text))
        # What cannot be written again could not be shown again: lone surrogates, numbers out of range.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except json.JSONDecodeError as error:
        raise unreadable(f"{error.msg} at line {error.lineno}, column {error.colno}.") from None
    except (ValueError, RecursionError) as error:
        raise unreadable(_reason(error)) from None
    return value


def _strict(text: str) -> Any:
    return json.loads(text, parse_constant=_no_constant)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON.")


def _reason(error: ValueError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return "It is nested too deeply."
    if isinstance(error, UnicodeError):
        return "It is not valid UTF-8."
    return str(error)
