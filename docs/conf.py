"""Configuration of Sphinx, which builds the documentation site: ``sphinx-build -W -j 2 docs build/site``.

The notebooks become pages of the tutorial and are executed. The site loads nothing from a network.
"""

from __future__ import annotations

import inspect
import os
import re
from pathlib import Path
from typing import Any

import nbformat
from myst_nb.sphinx_ import NbMetadataCollector
from nbformat.v4 import new_markdown_cell
from sphinx.application import Sphinx
from sphinx.errors import PycodeError
from sphinx.pycode import ModuleAnalyzer

import graphcall_nb

FOLDER = Path(__file__).parent
NOTEBOOKS = FOLDER.parent / "notebooks"
COCKPIT = "![The cockpit with seven calls: form, buttons, timeline and notifications](../pictures/cockpit-light.png)"
TITLE = re.compile(r'^```(\w+) title="(.+)"$', re.MULTILINE)

# autodoc imports modules with TYPE_CHECKING set, and gives classes the annotations that it finds under it. pydantic
# evaluates these and fails. Therefore, the modules are imported here, and pydantic's is not analyzed.
for name in graphcall_nb.__all__:
    getattr(graphcall_nb, name)
ModuleAnalyzer.cache["module", "pydantic.main"] = PycodeError("not analyzed")

project = "graphcall_nb"
html_title = "graphcall_nb"
author = copyright = "The graphcall_nb authors"
language = "en"
extensions = ["myst_nb", "sphinx.ext.autodoc", "numpydoc", "sphinx_copybutton"]
exclude_patterns = ["*.py", "**/__pycache__"]

myst_heading_anchors = 4

# Widgets and frames are shown as their last picture: live widgets need a kernel, and a library from a CDN.
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_timeout = 120  # seconds for a cell
nb_execution_raise_on_error = True
nb_execution_excludepatterns = ["tutorial/gallery*"]  # committed with its outputs, for readers on GitHub
nb_ipywidgets_js: dict[str, Any] = {}
nb_mime_priority_overrides = [("html", "application/vnd.jupyter.widget-view+json", None)]

autodoc_inherit_docstrings = False
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
add_module_names = False
maximum_signature_line_length = 88
numpydoc_show_class_members = False

html_theme = "pydata_sphinx_theme"
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navigation_with_keys": False,
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}


def setup(app: Sphinx) -> None:
    app.connect("config-inited", copy_notebooks)
    app.connect("source-read", adapt_markdown)
    app.connect("autodoc-skip-member", skip_members_of_others)
    app.connect("html-page-context", drop_states_of_widgets, priority=400)  # before myst_nb adds them to the page


def copy_notebooks(*_: Any) -> None:
    """Copy the notebooks into the folder of the sources, with their pictures; hide settings of a tenant from them."""
    pages = FOLDER / "tutorial"
    pages.mkdir(exist_ok=True)
    for path in NOTEBOOKS.glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        for cell in [cell for cell in notebook.cells if cell.cell_type == "code"]:
            last = cell.source.splitlines()[-1]
            cell.metadata["mystnb"] = {"image": {"alt": cell.metadata.get("alt") or f"Picture by {last}"}}
            if last.startswith("session.cockpit(") and not cell.outputs:  # when it is shown first, it has no calls
                cell.metadata["tags"] = ["remove-output"]
                notebook.cells.insert(notebook.cells.index(cell) + 1, new_markdown_cell(COCKPIT, id="picture"))
        page, text = pages / path.name, nbformat.writes(notebook)
        if not page.is_file() or page.read_text("utf-8") != text:  # an unchanged page is not executed again
            page.write_text(text, "utf-8")
    for name in [name for name in os.environ if name.startswith("GRAPHCALL_")]:
        del os.environ[name]


def adapt_markdown(app: Sphinx, docname: str, source: list[str]) -> None:
    """Turn titles of code into captions, and links to notebooks into links to pages; both are as GitHub reads them."""
    source[0] = TITLE.sub(r"```{code-block} \1\n:caption: \2\n", source[0]).replace("](../notebooks/", "](/tutorial/")


def skip_members_of_others(app: Sphinx, what: str, name: str, obj: Any, skip: bool, options: Any) -> bool | None:
    """Leave out what a class inherits from other packages, such as pydantic."""
    function = getattr(obj, "fget", None) or getattr(obj, "func", None) or inspect.unwrap(obj)
    home = getattr(function, "__module__", None) or ""
    return True if home and not home.startswith("graphcall_nb") else None


def drop_states_of_widgets(app: Sphinx, pagename: str, *_: Any) -> None:
    """Leave out the states of widgets, which are large, and of use only with a script from a CDN."""
    NbMetadataCollector.get_js_files(app.env, pagename).pop("ipywidgets_state", None)
