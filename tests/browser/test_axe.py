"""axe-core finds no serious or critical fault, light and dark."""

import pytest

from .axe import grave_faults
from .test_timeline import show

FORM = "import graphcall_nb as gc\nfrom graphcall_nb.widgets.form import Form\nsession = gc.simulate()\nsession.form()"
THEMES = ["JupyterLab Light", "JupyterLab Dark"]


@pytest.fixture(params=THEMES)
def themed_page(request, lab_page):
    """A page that is given a theme once a notebook is open, and gives it back."""
    yield lambda: lab_page.theme(request.param)
    lab_page.theme(THEMES[0])


def test_axe_finds_what_is_wrong(lab_page):
    lab_page.show("from IPython.display import HTML; HTML('<button class=bare></button>')")
    assert "button-name (critical)" in "".join(grave_faults(lab_page, ".bare"))


def test_the_timeline_has_no_grave_fault(lab_page, themed_page):
    shown = show(lab_page, "timeline")
    themed_page()
    shown.root.locator(".gct-table-button").click()
    shown.key("establishing").click()
    assert grave_faults(lab_page, ".gct") == []


def test_the_form_has_no_grave_fault(lab_page, themed_page):
    lab_page.show(FORM)
    themed_page()
    lab_page.locate(".gc-form").wait_for()
    assert grave_faults(lab_page, ".gc-form") == []
