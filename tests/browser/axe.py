"""Accessibility faults of a part of a page, found by axe-core, which axe-playwright-python brings along.

assert grave_faults(lab_page, ".gcf-form") == []
"""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe

from .pages import NotebookPage

GRAVE = ("serious", "critical")


def grave_faults(notebook: NotebookPage, selector: str) -> list[str]:
    """What axe-core calls serious or critical inside the elements that a CSS selector names, one line each.

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
