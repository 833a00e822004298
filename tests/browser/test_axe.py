"""axe-core finds no serious or critical fault: every front end, light and dark."""

import pytest
from playwright.sync_api import expect

from . import test_cockpit as cockpit
from .axe import grave_faults
from .form_page import FormPage
from .test_timeline import show

THEMES = ("light", "dark")
FORM = "import graphcall_nb as gc\nsession = gc.simulate()\nsession.form()"


@pytest.fixture(params=[(front, theme) for front in ("lab", "notebook7", "voila") for theme in THEMES], ids="-".join)
def themed(request, pages):
    """``themed(*cells)`` runs cells in one front end and theme; the light one is given back."""
    front, theme = request.param
    page = pages(request.getfixturevalue(front))
    yield lambda *cells: page.show(*cells, theme=theme)
    if front != "voila" and theme == "dark":
        page.theme("JupyterLab Light")


def test_axe_finds_what_is_wrong(lab_page):
    lab_page.show("from IPython.display import HTML; HTML('<button class=bare></button>')")
    assert "button-name (critical)" in "".join(grave_faults(lab_page, ".bare"))


def test_the_cockpit_and_all_in_it_has_no_grave_fault(themed):
    page = themed(cockpit.START, "cockpit")
    shown = cockpit.Shown(page)
    shown.until(shown.place("Phone"), "ringing")
    shown.rows.first.click()
    shown.lines.first.click()
    expect(shown.log.locator(".gcc-raw")).to_contain_text("resourceData")
    shown.root.locator(".gct-table-button").click()
    shown.root.locator(".gct-key[data-state='ringing']").click()
    assert grave_faults(page, ".gc-cockpit") == []


def test_the_form_has_no_grave_fault_while_everything_in_it_is_shown(themed):
    page = themed(FORM)
    form = FormPage(page)
    form.unfold()
    form.press("gc-add-target")
    form.create.click()
    form.says("Nothing was sent")
    for pane in ("Paste", "Export", "JSON"):
        form.pane(pane)
        assert grave_faults(page, ".gc-form") == []


def test_the_timeline_alone_has_no_grave_fault(lab_page):
    shown = show(lab_page, "timeline")
    shown.root.locator(".gct-table-button").click()
    assert grave_faults(lab_page, ".gct") == []
