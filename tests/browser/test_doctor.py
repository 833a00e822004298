"""The doctor's checklist in real front ends: it runs by itself, and again by keyboard."""

from playwright.sync_api import expect

from .axe import grave_faults

SECONDS = 1000
FIRST_RUN = "import graphcall_nb as gc\ndoctor = gc.doctor('contoso.example', 'client', 'wrong', {service})\ndoctor"
UNREACHABLE = "authority='http://127.0.0.1:9', graph_url='http://127.0.0.1:9'"


def shown(page):
    root = page.locate(".gcd-doctor").last
    expect(root.locator("tr")).to_have_count(7, timeout=60 * SECONDS)
    return root


def row(page, root, title):
    return root.locator("tr", has=page.page.get_by_role("rowheader", name=title))


def test_first_run_shows_problems(front_page):
    front_page.show(FIRST_RUN.format(service=UNREACHABLE))
    root = shown(front_page)
    expect(row(front_page, root, "Sign-in")).to_contain_text("127.0.0.1 cannot be reached")
    expect(row(front_page, root, "Permissions")).to_contain_text("not reached")
    expect(row(front_page, root, "Callback")).to_contain_text("pass", timeout=60 * SECONDS)


def test_checks_run_again_by_keyboard(lab_page):
    lab_page.show("import graphcall_nb as gc\nsession = gc.simulate()\nsession.doctor()")
    root = shown(lab_page)
    expect(root.locator("tr", has_text="pass")).to_have_count(7, timeout=60 * SECONDS)
    again = root.get_by_role("button", name="Check again")
    expect(again).to_be_enabled()
    again.focus()
    again.press("Enter")
    expect(root.locator("tr", has_text="pass")).to_have_count(7, timeout=60 * SECONDS)


def test_it_has_no_grave_fault(lab_page):
    lab_page.show(FIRST_RUN.format(service=UNREACHABLE))
    shown(lab_page)
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        lab_page.theme(theme)
        assert grave_faults(lab_page, ".gcd-doctor") == []
