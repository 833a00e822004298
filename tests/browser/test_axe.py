"""Accessibility of all widgets, checked by axe-core in every front end, light and dark."""

import pytest
from playwright.sync_api import expect

from . import test_cockpit as cockpit
from .axe import grave_faults
from .form_page import FormPage

CELLS = (cockpit.START, "form = session.form(); form", "cockpit")
ROOM = {"width": 1100, "height": 4000}  # front ends take cells out of the page that are out of sight

# The light theme comes last: the servers keep it for the tests that follow.
everywhere = pytest.mark.parametrize(
    ("front", "theme"), [(front, theme) for front in ("lab", "notebook7", "voila") for theme in ("dark", "light")]
)


@pytest.fixture(scope="module")
def dressed(request, module_pages):
    """Return ``dressed(front, theme)``: a page with a form and a cockpit with all parts open; pages are reused."""
    kept = {}

    def dressed(front, theme):
        key = (front, theme if front == "voila" else "either")
        if key not in kept:
            page = module_pages(request.getfixturevalue(front), viewport=ROOM).show(
                *CELLS, name="axe_test.ipynb", theme=theme
            )
            unfold_form(FormPage(page))
            unfold_cockpit(cockpit.Shown(page))
            kept[key] = page
        if front != "voila":
            kept[key].theme(f"JupyterLab {theme.capitalize()}")
        return kept[key]

    return dressed


def unfold_form(form):
    form.unfold()
    form.press("gcf-add-target")
    form.create.click()
    form.says("Nothing was sent")


def unfold_cockpit(shown):
    shown.until(shown.place("Phone"), "established")
    shown.rows.first.click()
    shown.lines.first.click()
    expect(shown.log.locator(".gcc-raw")).to_contain_text("resourceData")
    shown.root.locator(".gct-table-button").click()
    shown.root.locator(".gct-key[data-state='ringing']").click()


def test_axe_finds_a_violation(lab_page):
    lab_page.show("from IPython.display import HTML; HTML('<button class=bare></button>')")
    assert "button-name (critical)" in "".join(grave_faults(lab_page, ".bare"))


@everywhere
def test_the_cockpit_has_no_grave_fault(dressed, front, theme):
    assert grave_faults(dressed(front, theme), ".gcc-cockpit") == []


@everywhere
def test_the_form_has_no_grave_fault(dressed, front, theme):
    page = dressed(front, theme)
    for pane in ("Paste", "Export", "JSON"):
        FormPage(page).pane(pane)
        assert grave_faults(page, ":not(.gcc-cockpit *).gcf-form") == []
