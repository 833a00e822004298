"""A call created with the form and shown in the timeline, in every front end."""

import json
import re
import shutil

import pytest
from playwright.sync_api import expect

from graphcall_nb.graph import templates

from .form_page import PATIENCE, FormPage
from .test_timeline import FEED, Shown

VIEWS = """import graphcall_nb as gc
if "session" in globals():
    session.close()
from graphcall_nb.widgets.timeline import Timeline
session = gc.simulate(scenario={!r}, speed={}, faults={!r})
form, timeline = session.form(), Timeline(session.journal, simulated=True)"""


STICKING_OUT = """form => {
    const room = form.getBoundingClientRect();
    const out = (box) => box.width && (box.left < room.left - 3 || box.right > room.right + 3);
    const controls = [...form.querySelectorAll("input, select, button, textarea, pre")];
    return controls.filter((one) => out(one.getBoundingClientRect())).map((one) => one.outerHTML);
}"""


class Views:
    """A form, and the timeline below it."""

    def __init__(self, notebook):
        self.form, self.timeline = FormPage(notebook), Shown(notebook)

    def place(self, template="Phone"):
        self.form.choose("gcf-template", template)
        self.form.create.click()
        self.timeline.canvas.scroll_into_view_if_needed()  # only what can be seen is painted

    def sees(self, **states):
        self.timeline.becomes("data.states === value", self.timeline.written(states), timeout=PATIENCE)

    @property
    def line(self):
        """The row of the only call in the table: call, state, since, so far, result."""
        return self.timeline.twin.first.locator("> *")


@pytest.fixture(scope="module")
def open_page(module_pages, lab):
    """Return one page for many tests: opening one takes longer than most of them."""
    return module_pages(lab).show("", name="call_test.ipynb")


@pytest.fixture
def begin(open_page):
    """Return ``begin(scenario, speed=…)``, which shows the views of a new session, or only some of them."""

    def begin(scenario="answered", speed=1, faults=(), shown="form, timeline"):
        open_page.show_cell(f"{VIEWS.format(scenario, speed, faults)}\ndisplay({shown})")
        return Views(open_page)

    return begin


def test_a_call_is_placed_and_seen_ringing_and_established(front_page):
    views = Views(front_page.show(VIEWS.format("answered", 1, ()), "form", "timeline"))
    views.place()
    views.sees(ringing=1)
    views.form.says("Created. Call")
    views.sees(established=1)
    expect(views.line.nth(0)).to_have_text("Test Call · Test User")
    expect(views.line.nth(3)).to_have_text("establishing → ringing → established")
    assert front_page.cell_errors() == front_page.errors == front_page.foreign == []


def test_declined_call_shows_its_result(begin):
    views = begin("declined", speed=10)
    views.place()
    views.sees(terminated=1)
    expect(views.line.nth(1)).to_have_text("terminated")
    expect(views.line.nth(4)).to_contain_text("declined")


def test_service_error_shows_code_and_request_id(begin):
    form = begin().form
    form.json.fill(json.dumps(templates.pstn(modalities=["smoke"]).to_json_dict()))
    expect(form.text("gcf-target-id")).to_have_value("+14258828080")
    form.create.click()
    for text in ("400 BadRequest", "requestedModalities[0] is not a modality", "request-id", "client-request-id"):
        form.says(text)


def test_while_the_service_is_slow_the_button_is_busy_and_all_else_goes_on(begin):
    form = begin(faults=["slow_create"]).form
    form.choose("gcf-template", "Phone")
    form.create.click()
    expect(form.create).to_have_text("Creating …")
    assert form.notebook.execute("print('free')") == "free\n"
    form.fill("gcf-subject", "The next one")
    expect(form.json).to_have_value(re.compile("The next one"))
    form.says("Created. Call")
    expect(form.create).to_have_text("Create call")


def test_the_link_of_a_call_shows_it_in_the_timeline(begin):
    views = begin(speed=10)
    views.place()
    views.form.root.locator(".gcf-call-link a").click()
    expect(views.timeline.canvas).to_be_focused()
    expect(views.timeline.root.locator(".gct-tip")).to_contain_text("Test Call · Test User")


LATE = """from concurrent.futures import Future
from types import SimpleNamespace
from feed import Feed
from graphcall_nb import templates
from graphcall_nb.widgets.form import Form
from graphcall_nb.widgets.timeline import Timeline

def submit(call):
    answer = Future()
    answer.set_result(SimpleNamespace(id="late", state="establishing"))
    return answer

feed = Feed()
form, timeline = Form(submit, call=templates.pstn()), Timeline(feed.journal)"""

ASKED_FIRST = """() => document.addEventListener("graphcall-nb:show-call", () => {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    kernel.requestExecute({ code: "feed.say('late', 'establishing')" });
}, { once: true })"""


def test_the_link_of_a_call_waits_for_its_first_notification(open_page):
    shutil.copy(FEED, open_page.server.root)
    open_page.show_cell(f"{LATE}\ndisplay(form, timeline)")
    form, timeline = FormPage(open_page), Shown(open_page)
    form.create.click()
    open_page.page.evaluate(ASKED_FIRST)  # the service says nothing before the link has been pressed
    form.root.locator(".gcf-call-link a").click()
    expect(timeline.canvas).to_be_focused()
    expect(form.root.locator(".gcf-call-link")).to_have_text("Show this call")


def test_without_a_live_view_a_cell_is_named_in_place_of_the_link(begin):
    form = begin(speed=10, shown="form").form
    form.choose("gcf-template", "Phone")
    form.create.click()
    expect(form.root.locator(".gcf-call-link")).to_contain_text("session.call(")
    expect(form.root.locator(".gcf-call-link a")).to_be_hidden()


@pytest.mark.parametrize("width", [1100, 700])
def test_nothing_sticks_out_at_this_width(pages, notebook7, width):
    page = pages(notebook7, viewport={"width": width, "height": 900})
    views = Views(page.show(VIEWS.format("answered", 1, ()), "form", "timeline"))
    views.form.choose("gcf-template", "Group call")
    views.form.unfold()
    for part in (views.form.root, views.timeline.root):
        assert part.evaluate("part => part.scrollWidth - part.clientWidth") <= 1
    assert views.form.root.evaluate(STICKING_OUT) == []


class Keys:
    """A user without a mouse."""

    def __init__(self, page):
        self.page = page
        self.press = page.keyboard.press
        self.type = page.keyboard.type

    def to(self, locator, key="Tab", most=80):
        """Press a key until an element has the focus."""
        for _ in range(most):
            if locator.evaluate("one => one === document.activeElement"):
                return
            self.press(key)
        raise AssertionError(f"{key} never came to {locator}")


def test_call_is_built_created_and_read_by_keyboard(begin):
    views = begin(speed=10)
    form, keys = views.form, Keys(views.form.notebook.page)
    picker = form.root.locator(".gcf-template select")
    picker.focus()
    expect(picker).to_have_attribute("data-lm-suppress-shortcuts", "")  # "m" would make the cell Markdown
    keys.type("Meet now")
    expect(form.json).to_have_value(re.compile("meetingInfo"))
    keys.press("Home")
    expect(form.json).to_have_value("{}")
    keys.to(form.root.locator("button.gcf-add-phone"))
    keys.press("Enter")
    expect(form.text("gcf-target-id")).to_be_focused()
    keys.type("+14255550100")
    keys.to(form.root.locator(".gcf-word-audio input"))
    keys.press("Space")
    keys.to(form.root.locator(".gcf-media .gcf-fold button"))
    keys.press("Enter")
    keys.to(form.root.locator(".gcf-media-kind select"))
    keys.type("Service")
    expect(form.json).to_have_value(re.compile("serviceHostedMediaConfig"))
    keys.to(form.create, "Shift+Tab")
    keys.press("Enter")
    form.says("Created. Call")
    keys.to(form.root.locator(".gcf-call-link a"))
    keys.press("Enter")
    expect(views.timeline.canvas).to_be_focused()
    keys.press("ArrowDown")
    expect(views.timeline.root.locator(".gct-spoken")).to_contain_text("+14255550100")
