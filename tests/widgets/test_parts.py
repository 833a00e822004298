"""The ES modules of the widgets: put together from parts that are small, and none of which is left over."""

import importlib
import pkgutil
from pathlib import Path

import anywidget
import pytest

from graphcall_nb import widgets

FOLDER = Path(widgets.__file__).parent
PARTS = sorted(FOLDER.rglob("*.js"))


def modules():
    """What the browser gets of each widget."""
    for found in pkgutil.walk_packages(widgets.__path__, f"{widgets.__name__}."):
        for value in vars(importlib.import_module(found.name)).values():
            if isinstance(value, type) and issubclass(value, anywidget.AnyWidget) and "_esm" in vars(value):
                yield str(value._esm)


@pytest.mark.parametrize("path", PARTS, ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_part_is_small(path):
    assert len(path.read_text("utf-8").splitlines()) <= 260


def test_every_part_is_in_a_module():
    texts = list(modules())
    assert [path.name for path in PARTS if not any(path.read_text("utf-8").strip() in text for text in texts)] == []
