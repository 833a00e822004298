"""Input of the user against late answers of the kernel, without and with a slow connection between page and kernel."""

import json
import re

import pytest
from playwright.sync_api import expect

from .form_page import FormPage
from .test_cockpit import Shown

DELAYS_MS = (0, 500)
START = "import graphcall_nb as gc\nsession = gc.simulate()"
LAST_BODY = "print([one.request_body for one in session.journal.read_requests() if one.operation == 'create'][-1])"
OPERATIONS = "print([one.operation for one in session.journal.read_requests()])"


@pytest.fixture(scope="module", params=DELAYS_MS)
def page(request, module_pages, lab):
    """Return a page whose messages to the kernel and from it take this long, each way."""
    return module_pages(lab, delay_ms=request.param).show(START, name=f"delay-{request.param}.ipynb")


@pytest.fixture
def form(page):
    """Return a form that is filled."""
    page.show_cell("form = session.form(gc.templates.meet_now()); form")
    shown = FormPage(page)
    page.locate(".gcf-form.gcf-ready").wait_for()
    expect(shown.json).to_have_value(re.compile("callbackUri"))
    return shown


@pytest.fixture
def cockpit(page):
    page.execute("session.close(); session = gc.simulate()")
    page.show_cell("cockpit = session.cockpit(); cockpit")
    yield Shown(page)
    page.execute("cockpit.close()")


def test_json_cleared_right_after_a_template_was_chosen_stays_empty(form):
    form.choose("gcf-template", "Phone")
    form.json.fill("")
    # The kernel has handled both: code of a cell may overtake messages of widgets, which have a subshell of their own.
    expect(form.root.locator(".gcf-about")).not_to_contain_text("Needs")
    expect(form.json).to_have_value("")
    expect(form.text("gcf-subject")).to_have_value("")


def test_the_call_has_every_character_that_was_typed(form):
    subject = "Typed without a pause"
    form.text("gcf-subject").press("ControlOrMeta+a")
    form.text("gcf-subject").press_sequentially(subject)
    form.create.click()
    form.says("Created. Call")
    assert json.loads(form.notebook.execute(LAST_BODY))["subject"] == subject
    expect(form.text("gcf-subject")).to_have_value(subject)


def test_text_pasted_while_the_form_is_filled_stays(form):
    form.paste('{"subject": "First"}')
    form.root.locator(".gcf-paste textarea").fill("second")
    expect(form.text("gcf-subject")).to_have_value("First")
    expect(form.root.locator(".gcf-paste textarea")).to_have_value("second")


def test_a_section_closed_by_the_user_is_not_opened_by_a_late_answer(page):
    page.show_cell("form = session.form(); form")
    form = FormPage(page)
    page.locate(".gcf-form.gcf-ready").wait_for()
    form.choose("gcf-template", "Group call")
    fold = form.root.locator(".gcf-source .gcf-fold button")
    fold.evaluate("(button) => { if (button.ariaExpanded === 'false') button.click(); button.click(); }")
    expect(form.root.locator(".gcf-media .gcf-fold button")).to_have_attribute("aria-expanded", "true")
    expect(fold).to_have_attribute("aria-expanded", "false")


def test_an_action_is_requested_once_and_leaves_no_stale_message(cockpit):
    cockpit.call(subject="Once")
    row = cockpit.row("Once")
    cockpit.until(row, "established")
    button = row.locator(".gcc-do-hang_up")
    button.evaluate("(button) => { button.click(); button.click(); }")
    cockpit.until(row, "terminated")
    assert cockpit.notebook.execute(OPERATIONS) == "['create', 'delete']\n"
    expect(row.locator(".gcc-c-result")).to_have_text(re.compile("^The bot ended the call"))


def test_an_incoming_call_counts_down_until_it_is_answered(cockpit):
    cockpit.status.get_by_role("button", name="Ring the bot").click()
    row = cockpit.rows.first
    expect(row.locator(".gcc-c-result")).to_have_text(re.compile(r"^Answer within \d+ s$"))
    row.locator(".gcc-do-answer").click()
    cockpit.until(row, "established")
    expect(row.locator(".gcc-c-result")).to_have_text("")
    expect(cockpit.status.locator(".gcc-notice")).to_have_text("")
