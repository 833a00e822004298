"""Reading and writing one value in a JSON tree, without changing the rest of it."""

from __future__ import annotations

from enum import Enum
from itertools import pairwise
from typing import Any, Final

Path = tuple[str | int, ...]
"""Names of members and indices, from the root to a value."""


class _Missing(Enum):
    MISSING = "missing"


MISSING: Final = _Missing.MISSING
"""Stands for a value that does not exist, unlike ``None``, which is JSON's ``null``."""


def format_path(path: Path) -> str:
    """Return a path as Graph's documentation writes it.

    >>> format_path(("targets", 0, "identity"))
    'targets[0].identity'
    """
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def read_path(tree: Any, path: Path) -> Any:
    """Return the value at a path, or ``MISSING``.

    >>> read_path({"targets": [{"id": None}]}, ("targets", 0, "id")) is None
    True
    """
    for part in path:
        in_object = isinstance(part, str) and isinstance(tree, dict) and part in tree
        in_list = isinstance(part, int) and isinstance(tree, list) and part < len(tree)
        if not (in_object or in_list):
            return MISSING
        tree = tree[part]
    return tree


def write_path(tree: dict[str, Any], path: Path, value: Any, keep: int = 0) -> None:
    """Write a value at a path; missing objects on the way are created.

    ``MISSING`` removes the member, and the objects around it that become empty, except the first ``keep`` steps of
    the path.

    >>> tree = {"source": {"identity": {"user": {"id": "x"}}}}
    >>> write_path(tree, ("source", "identity", "user", "id"), MISSING)
    >>> tree
    {}
    """
    if value is MISSING:
        _remove(tree, path, keep)
        return
    node: Any = tree
    for part, following in pairwise(path):
        if not isinstance(read_path(node, (part,)), list if isinstance(following, int) else dict):
            node[part] = [] if isinstance(following, int) else {}
        node = node[part]
    node[path[-1]] = value


def _remove(tree: dict[str, Any], path: Path, keep: int) -> None:
    if read_path(tree, path) is MISSING:
        return
    for length in range(len(path), 0, -1):
        parent = read_path(tree, path[: length - 1])
        del parent[path[length - 1]]
        if parent or length - 1 <= keep:
            return
