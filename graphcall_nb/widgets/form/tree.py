"""Reading and writing one place in a JSON tree, and leaving the rest of it as it is."""

from __future__ import annotations

from enum import Enum
from itertools import pairwise
from typing import Any, Final

Path = tuple[str | int, ...]
"""The way to a place: names of members and indices, from the root."""


class _Missing(Enum):
    MISSING = "missing"


MISSING: Final = _Missing.MISSING
"""There is nothing at a place: unlike ``None``, which is JSON's ``null``."""


def field_name(path: Path) -> str:
    """A path as Graph's documentation writes it.

    >>> field_name(("targets", 0, "identity"))
    'targets[0].identity'
    """
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def read(tree: Any, path: Path) -> Any:
    """What is at a place, or ``MISSING``.

    >>> read({"targets": [{"id": None}]}, ("targets", 0, "id")) is None
    True
    """
    for part in path:
        in_object = isinstance(part, str) and isinstance(tree, dict) and part in tree
        in_list = isinstance(part, int) and isinstance(tree, list) and part < len(tree)
        if not (in_object or in_list):
            return MISSING
        tree = tree[part]
    return tree


def write(tree: dict[str, Any], path: Path, value: Any, keep: int = 0) -> None:
    """Put a value at a place; objects on the way are made.

    ``MISSING`` takes the member away, and with it the objects around it that this leaves empty, except the first
    ``keep`` steps of the path.

    >>> tree = {"source": {"identity": {"user": {"id": "x"}}}}
    >>> write(tree, ("source", "identity", "user", "id"), MISSING)
    >>> tree
    {}
    """
    if value is MISSING:
        _remove(tree, path, keep)
        return
    node: Any = tree
    for part, following in pairwise(path):
        if not isinstance(read(node, (part,)), list if isinstance(following, int) else dict):
            node[part] = [] if isinstance(following, int) else {}
        node = node[part]
    node[path[-1]] = value


def _remove(tree: dict[str, Any], path: Path, keep: int) -> None:
    if read(tree, path) is MISSING:
        return
    for length in range(len(path), 0, -1):
        parent = read(tree, path[: length - 1])
        del parent[path[length - 1]]
        if parent or length - 1 <= keep:
            return
