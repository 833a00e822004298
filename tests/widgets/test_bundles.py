"""The bundled JavaScript: complete, and safe for pages without network and with a strict content security policy."""

import importlib
import pkgutil
import re

import anywidget
import pytest

from graphcall_nb import widgets

BUNDLES = sorted(widgets.STATIC.iterdir())
FORBIDDEN = re.compile(
    r"https?://|\bimport\s*[(\"{*]|\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
)


def read_used_texts():
    """Return what the browser gets of every widget."""
    modules = [
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(widgets.__path__, "graphcall_nb.widgets.")
    ]
    classes = [value for module in modules for value in vars(module).values() if isinstance(value, type)]
    own = [value for value in classes if issubclass(value, anywidget.AnyWidget) and "_esm" in vars(value)]
    return {str(text) for value in own for text in (value._esm, getattr(value, "_css", ""))}


@pytest.mark.parametrize("path", BUNDLES, ids=lambda path: path.name)
def test_a_bundle_needs_no_network_and_sets_text_as_text(path):
    text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
    assert FORBIDDEN.findall(text) == []


def test_every_bundle_belongs_to_a_widget():
    used = read_used_texts()
    assert [path.name for path in BUNDLES if path.read_text("utf-8") not in used] == []
