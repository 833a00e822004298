"""Accessibility violations in a part of a page, found by axe-core, which is part of axe-playwright-python.

assert grave_faults(lab_page, ".gcf-form") == []
"""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe

from .pages import NotebookPage

GRAVE = ("serious", "critical")


def grave_faults(notebook: NotebookPage, selector: str) -> list[str]:
    """Return serious and critical violations inside the elements of a CSS selector, one line each.

    A selector that names nothing fails: it would never find a fault.
    """
    assert notebook.locate(selector).count(), f"nothing is {selector}"
    found = Axe().run(notebook.page, context={"include": [[selector]]}).response["violations"]
    return [
        f"{fault['id']} ({fault['impact']}) at {node['target']}: {node['failureSummary']}"
        for fault in found
        if fault["impact"] in GRAVE
        for node in fault["nodes"]
    ]
