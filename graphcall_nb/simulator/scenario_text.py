"""Reader of YAML and JSON texts that knows the line of every value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_TEXT_CHARS = 200_000
MAX_VALUES = 20_000
"""Values of one text; more come from aliases that refer to aliases."""

ValuePath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class ParsedText:
    r"""The value of a text, and the line of each value in it, counted from 1.

    Examples
    --------
    >>> parsed = parse_text("steps:\n  - event: ring\n")
    >>> parsed.value, parsed.find_line(("steps", 0, "event"))
    ({'steps': [{'event': 'ring'}]}, 2)
    """

    value: Any
    lines: Mapping[ValuePath, int] = field(default_factory=dict)

    def find_line(self, path: ValuePath) -> int | None:
        """Return the line of a value, or of the nearest value around it."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path)


def parse_text(text: str) -> ParsedText:
    """Parse YAML or JSON.

    Raises
    ------
    ValueError
        For an invalid, too long or cyclic text, and for a member that is given twice; the message names the line.
    """
    # Loaded on use: few simulators read a file.
    import yaml

    if len(text) > MAX_TEXT_CHARS:
        raise ValueError(f"the text has {len(text):,} characters; {MAX_TEXT_CHARS:,} is the most.")
    value, json_error = _parse_json(text) if text.lstrip().startswith("{") else (None, "")
    is_json = value is not None
    try:
        # YAML does not allow tabs between values, JSON does; no string of valid JSON has one.
        node = yaml.compose(text.replace("\t", " ") if is_json else text, yaml.SafeLoader)
        if node is None:
            return ParsedText(None)
        lines: dict[ValuePath, int] = {}
        _collect_lines(node, (), lines, ())
        return ParsedText(value if is_json else yaml.safe_load(text), lines)
    except yaml.MarkedYAMLError as error:
        if json_error:
            raise ValueError(json_error) from None
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ValueError(f"line {line}: this is not YAML ({error.problem}); check indentation and quotes.") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        if isinstance(error, _TextError):
            raise
        raise ValueError(f"the text is not YAML ({error}); write it as UTF-8 text.") from None


class _TextError(ValueError):
    """An error whose message is complete."""


def _parse_json(text: str) -> tuple[Any, str]:
    """Return the value of a text, or ``None`` and the reason why it is not JSON."""
    try:
        return json.loads(text), ""
    except json.JSONDecodeError as error:
        return None, f"line {error.lineno}: this is not JSON ({error.msg}); check commas and quotes."


def _collect_lines(node: Any, path: ValuePath, lines: dict[ValuePath, int], parents: tuple[int, ...]) -> None:
    """Add the lines of a node of YAML and of all nodes in it."""
    line = node.start_mark.line + 1
    if id(node) in parents:
        raise _TextError(f"line {line}: the text contains itself, by an alias (*); write the steps one after another.")
    if len(lines) >= MAX_VALUES:
        raise _TextError(f"the text has more than {MAX_VALUES:,} values; write fewer steps, without aliases.")
    lines[path] = line
    inside = (*parents, id(node))
    if node.id == "sequence":
        for number, item in enumerate(node.value):
            _collect_lines(item, (*path, number), lines, inside)
    elif node.id == "mapping":
        for key, value in node.value:
            name = str(key.value)
            if (*path, name) in lines:
                line = key.start_mark.line + 1
                raise _TextError(f"line {line}: {name!r} is given twice; remove one of the two.")
            _collect_lines(value, (*path, name), lines, inside)
