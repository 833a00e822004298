"""The cockpit in real front ends: calls are created and ended by clicks or by keyboard."""

import json
import re

import pytest
from playwright.sync_api import expect

from graphcall_nb.graph import templates

from .pages import write_notebook

SECONDS = 1000
NOT_INCOMING = "Answer needs a call that is incoming; this one is established."
NASTY = "<img src=x onerror=\"document.body.dataset.broken='yes'\">"

START = """
import graphcall_nb as gc
if "cockpit" in globals():
    cockpit.close()
    session.close()
session = gc.simulate(**globals().get("how", {"speed": 5}))
cockpit = session.cockpit()
"""

# Rows of a journal that no service sent.
WRITE = """
from graphcall_nb.graph.notifications import Notification
def write(*call_ids, state, **more):
    fixed = {"entity": "call", "resource": "/x", "change_type": "updated", "raw": "{}", "state": state}
    empty = dict.fromkeys(Notification._fields)
    items = [Notification(**(empty | fixed | {"call_id": call_id} | more)) for call_id in call_ids]
    session.run(session.journal.append(items, 1))
"""


class Shown:
    """A cockpit in a page: ``number`` counts views from the top."""

    def __init__(self, notebook, number=0):
        self.notebook = notebook
        self.root = notebook.locate(".gcc-cockpit").nth(number)
        self.form = self.root.locator(".gcf-form")
        self.calls = self.root.locator(".gcc-calls")
        self.rows = self.calls.locator(".gcc-row")
        self.panel = self.calls.locator(".gcc-panel")
        self.log = self.root.locator(".gcc-log")
        self.lines = self.log.locator(".gcc-row")
        self.status = self.root.locator(".gcc-status")
        self.canvas = self.root.locator("canvas")

    def paints(self, **states):
        self.canvas.scroll_into_view_if_needed()  # out of sight nothing is painted
        expect(self.canvas).to_have_attribute("data-states", json.dumps(states, separators=(",", ":")))

    def place(self, template="Phone", subject="Placed by clicks"):
        """Fill in the form and press its button."""
        self.choose(template)
        self.unfold()
        field = self.form.locator(".gcf-subject input").first
        field.fill(subject)
        field.press("Tab")
        expect(self.json).to_have_value(re.compile(re.escape(json.dumps(subject))))
        self.form.locator(".gcf-create").first.click()
        expect(self.rows.filter(has_text=subject)).to_have_count(1, timeout=20 * SECONDS)
        return self.row(subject)

    def unfold(self):
        """Show the fields of the form, which are folded where there is little room."""
        folded = self.form.locator(".gcf-unfold button[aria-expanded=false]:visible")
        if folded.count():
            folded.click()

    @property
    def json(self):
        return self.form.locator(".gcf-json textarea").first

    def choose(self, template):
        self.form.locator(".gcf-template select").select_option(label=template)
        expect(self.json).to_have_value(re.compile("targets"))  # the kernel has filled the fields

    def row(self, text):
        return self.rows.filter(has_text=text)

    def until(self, row, state):
        expect(row.locator(".gcc-state")).to_have_text(state, timeout=20 * SECONDS)

    def call(self, **changes):
        """Create a call from the kernel."""
        self.notebook.execute(f"call = gc.templates.peer_to_peer(**{changes!r}); handle = session.create_call(call)")


def show(notebook, *cells):
    """Show a notebook with a separate cockpit."""
    notebook.show(START, *(cells or ("cockpit",)))
    return _visible(notebook)


def _visible(notebook):
    notebook.page.mouse.move(0, 0)  # rows under the pointer would wait
    shown = Shown(notebook)
    expect(shown.calls).to_be_visible(timeout=30 * SECONDS)
    expect(shown.calls.locator(".gcc-summary").first).to_have_text("0 calls, 0 live")
    return shown


@pytest.fixture(scope="module")
def notebook(module_pages, lab):
    """Return one page for many tests: opening one takes longer than most of them."""
    return module_pages(lab).open(write_notebook(lab.root, "cockpit_test.ipynb", START, "cockpit"))


@pytest.fixture
def begin(notebook):
    """Return ``begin(scenario=…)``, which shows the cockpit of a new session."""

    def begin(**how):
        notebook.execute(f"how = { ({'speed': 5} | how)!r}")
        notebook.run_all()
        return _visible(notebook)

    return begin


@pytest.fixture
def shown(begin):
    return begin()


def test_a_call_is_placed_followed_and_hung_up_by_clicks_in_every_front_end(front_page):
    shown = show(front_page)
    row = shown.place()
    shown.until(row, "established")
    shown.paints(established=1)
    expect(shown.lines.filter(has_text="ringing")).to_have_count(1)
    expect(shown.root.locator(".gct-twin tbody tr > *").nth(3)).to_have_text("establishing → ringing → established")
    row.locator(".gcc-do-hang_up").click()
    shown.until(row, "terminated")
    shown.paints(terminated=1)
    expect(row.locator(".gcc-c-result")).to_contain_text("The bot ended the call")
    expect(shown.lines.first).to_contain_text("call deleted")
    expect(shown.status.locator(".gc-badge").first).to_have_text("SIMULATED")
    expect(shown.status.locator(".gcc-listener")).to_contain_text(
        re.compile(r"Listening · [5-9] received · .*none refused")
    )
    assert front_page.cell_errors() == front_page.errors == front_page.foreign == []


def test_a_call_is_seen_ringing_and_can_be_hung_up_then(begin):
    shown = begin(scenario="no_answer", speed=1)
    row = shown.place()
    shown.until(row, "ringing")
    shown.paints(ringing=1)
    row.locator(".gcc-do-hang_up").click(click_count=2, delay=100)  # as some people do; it is asked for once
    shown.until(row, "terminated")
    operations = shown.notebook.execute("print([each.operation for each in session.journal.read_requests()])")
    assert operations == "['create', 'delete']\n"


def test_declined_call_has_its_result_in_words(begin):
    shown = begin(scenario="declined", speed=20)
    row = shown.place()
    shown.until(row, "terminated")
    expect(row.locator(".gcc-c-result")).to_contain_text("declined")
    row.click()
    expect(shown.panel).to_contain_text("declined")


def test_action_that_is_not_allowed_is_disabled_and_explained(shown):
    shown.call()
    row = shown.rows.first
    shown.until(row, "established")
    row.locator(".gcc-more").click()
    button = shown.panel.locator(".gcc-do-answer")
    expect(button).to_have_attribute("aria-disabled", "true")
    button.hover()
    expect(shown.calls.get_by_role("tooltip")).to_have_text(NOT_INCOMING)
    button.focus()
    expect(button).to_have_accessible_description(NOT_INCOMING)
    button.click(force=True)
    assert shown.notebook.execute("print([r.operation for r in session.journal.read_requests()])") == "['create']\n"


def test_an_ended_call_has_no_disabled_buttons(begin):
    shown = begin(scenario="declined", speed=50)
    shown.call()
    row = shown.rows.first
    shown.until(row, "terminated")
    expect(row.locator("button")).to_have_text(["More"])
    row.locator(".gcc-more").click()
    expect(shown.panel).to_contain_text("The call has ended: no action applies to it.")
    expect(shown.panel.locator(".gcc-action").first).to_be_hidden()


def test_action_with_required_fields_opens_them(shown):
    shown.call()
    row = shown.rows.first
    shown.until(row, "established")
    row.click()
    transfer = shown.panel.locator(".gcc-do-transfer")
    transfer.click()
    expect(transfer).to_have_attribute("aria-expanded", "true")
    target = shown.panel.get_by_label("Transfer to")
    expect(target).to_be_focused()
    target.press("Enter")
    expect(target).to_have_accessible_description("Transfer to is missing.")
    target.fill("+14255550100")
    target.press("Enter")
    expect(target).to_have_count(0)
    expect(shown.panel.locator(".gcc-outcome")).to_contain_text("Transfer: the service tries to connect the target.")
    shown.until(row, "terminated")


def test_bot_is_called_and_answers_by_clicks(shown):
    shown.status.get_by_role("button", name="Ring the bot").click()
    row = shown.rows.first
    shown.until(row, "incoming")
    expect(row.get_by_label("incoming")).to_have_count(1)
    expect(row.locator("button")).to_have_text(["Answer", "Reject", "More"])
    row.locator(".gcc-do-answer").click()
    shown.until(row, "established")
    expect(row.locator(".gcc-do-answer")).to_have_count(0)


def test_group_call_is_recorded_by_clicks(shown):
    shown.notebook.execute("handle = session.create_call(gc.templates.group_call())")
    row = shown.rows.first
    shown.until(row, "established")
    row.click()
    outcome = shown.panel.locator(".gcc-outcome")
    shown.panel.locator(".gcc-do-start_recording").click()
    expect(outcome).to_contain_text("Start recording: Teams records the call.")
    shown.panel.locator(".gcc-do-stop_recording").click()
    expect(outcome).to_contain_text("Stop recording: Teams ends the recording.")


def test_doctor_opens_and_closes(shown):
    shown.status.get_by_role("button", name="Doctor").click()
    expect(shown.root.locator(".gcc-doctor")).to_contain_text("callback", ignore_case=True, timeout=20 * SECONDS)
    shown.status.get_by_role("button", name="Doctor").click()
    expect(shown.root.locator(".gcc-doctor")).to_be_hidden()


CUT = """(cells) => cells
    .filter((cell) => cell.scrollHeight > cell.clientHeight + 1 || cell.scrollWidth > cell.clientWidth)
    .map((cell) => cell.textContent)"""
ENDED = """
for code, subcode in [(603, 0), (486, 0), (408, 0), (403, 7503)]:
    write(f"{code}/{subcode}", state="terminated", result_code=code, result_subcode=subcode)
"""


SIZES = [(1366, 768), (1100, 768), (700, 900)]
# Elements and texts of a card that are outside of it and that nothing in the card clips; cards that overlap.
OUTSIDE = """(cockpit) => {
    const cards = [...cockpit.querySelectorAll(".gcc, .gct, .gcc-card")].filter((card) => card.offsetWidth);
    const isOutside = (inner, outer) => inner.width > 0 && inner.height > 0 && (
        inner.left < outer.left - 1 || inner.right > outer.right + 1 || inner.bottom > outer.bottom + 1);
    const isClipped = (element, card) => {
        for (let box = element; box !== card; box = box.parentElement) {
            if (getComputedStyle(box).overflowX !== "visible") return true;
        }
    };
    const found = [];
    for (const card of cards) {
        const frame = card.getBoundingClientRect();
        const walker = document.createTreeWalker(card, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const range = document.createRange();
            range.selectNodeContents(node);
            const rect = (node.nodeType === Node.TEXT_NODE ? range : node).getBoundingClientRect();
            const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
            if (isOutside(rect, frame) && !isClipped(element, card)) found.push(element.className || element.tagName);
        }
    }
    const boxes = cards.map((card) => card.getBoundingClientRect());
    boxes.forEach((one, index) => boxes.slice(index + 1).forEach((other) => {
        const apart = one.right <= other.left || other.right <= one.left || one.bottom <= other.top;
        if (!apart && other.bottom > one.top) found.push(`overlap of cards ${index}`);
    }));
    return found;
}"""


def test_nothing_leaves_its_card(shown):
    page = shown.notebook.page
    before = page.viewport_size
    shown.notebook.execute(WRITE + "write('a' * 32, state='terminated', result_message='no space ' + 'x' * 90)")
    expect(shown.rows).to_have_count(1)
    shown.unfold()
    outside = []
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        shown.notebook.theme(theme)
        for name, template in templates.ALL.items():
            shown.notebook.execute(f"cockpit.form.template = {name!r}")
            expect(shown.form.locator(".gcf-about")).to_contain_text(template.description)
            for width, height in SIZES:
                page.set_viewport_size({"width": width, "height": height})
                outside += [(theme, name, width, one) for one in shown.root.evaluate(OUTSIDE)]
    page.set_viewport_size(before)
    assert outside == []


# Adds up the layout shifts from now on.
WATCH_SHIFTS = """() => {
    window.shifted = 0;
    new PerformanceObserver((list) => {
        for (const { value } of list.getEntries()) window.shifted += value;
    }).observe({ type: "layout-shift" });
}"""
SIXTY = """
import time
for number in range(60):
    for state in ("establishing", "established", "terminated"):
        write(f"{number:032}", state=state, result_message="The reason, in a few words" * (state == "terminated"))
    time.sleep(0.02)
"""


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_calls_that_arrive_move_nothing(shown, width, height):
    page = shown.notebook.page
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": height})
    shown.root.scroll_into_view_if_needed()
    page.wait_for_timeout(300)  # for the resized canvas
    page.evaluate(WATCH_SHIFTS)
    shown.notebook.execute(WRITE + SIXTY)
    expect(shown.calls.locator(".gcc-summary").first).to_have_text("60 calls, 0 live")
    shifted = page.evaluate("window.shifted")
    page.set_viewport_size(before)
    assert shifted < 0.05


def test_create_call_is_in_view_on_a_laptop(shown):
    page = shown.notebook.page
    before = page.viewport_size
    try:
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            shown.status.scroll_into_view_if_needed()
            expect(shown.form.locator("button.gcf-create")).to_be_in_viewport(ratio=1)
    finally:
        page.set_viewport_size(before)


@pytest.mark.parametrize("width", [700, 1100, 1280, 1440])
def test_how_a_call_ended_can_be_read_whole(shown, width):
    page = shown.notebook.page
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": 900})
    shown.notebook.execute(WRITE + ENDED)
    expect(shown.rows).to_have_count(4)
    assert shown.rows.locator(".gcc-c-result .gcc-two, .gcc-c-actions").evaluate_all(CUT) == []
    page.set_viewport_size(before)


def test_an_error_of_the_service_stands_beside_the_call_with_code_and_request_id(shown):
    shown.notebook.execute(WRITE + "write('unknown-to-it', state='established')")
    row = shown.row("-to-it")
    row.locator(".gcc-do-hang_up").click()
    expect(row.locator(".gcc-failed")).to_contain_text("Hang up: 404")
    row.locator(".gcc-more").click()
    expect(shown.panel.locator(".gcc-outcome")).to_contain_text("request-id")
    assert shown.notebook.cell_errors() == []


def test_the_link_of_a_new_call_leads_to_its_row(shown):
    shown.calls.get_by_role("button", name="Ended").click()
    shown.choose("Phone")
    shown.form.locator(".gcf-create").first.click()
    shown.form.get_by_text("Show this call").click(timeout=20 * SECONDS)
    expect(shown.panel).to_contain_text("Test User")
    expect(shown.notebook.page.locator(":focus")).to_contain_text("Test User")


def test_the_log_is_filtered_and_shows_raw_json(shown):
    shown.call(subject="First")
    shown.call(subject="Second")
    expect(shown.lines).to_have_count(6)
    shown.log.get_by_label("Filter notifications").last.fill("second established")
    expect(shown.lines).to_have_count(1)
    expect(shown.log.locator(".gcc-summary").first).to_have_text("1 of 6 notifications")
    shown.lines.first.click()
    raw = shown.log.locator(".gcc-raw")
    expect(raw).to_contain_text('"state": "established"')
    assert json.loads(raw.inner_text())["resourceData"]["state"] == "established"
    shown.log.get_by_label("Filter notifications").last.fill("nothing like this")
    expect(shown.log.locator(".gcc-empty")).to_have_text("No row matches the filter.")


def test_a_filter_applies_while_the_pointer_rests_on_a_row(shown):
    shown.call(subject="First")
    expect(shown.lines).to_have_count(3)
    shown.lines.first.hover()
    shown.log.get_by_label("Filter notifications").last.fill("ringing")
    expect(shown.lines).to_have_count(1)


def test_the_notifications_of_a_call_are_one_click_away(shown):
    shown.call(subject="First")
    shown.call(subject="Second")
    expect(shown.lines).to_have_count(6)
    shown.row("First").click()
    shown.panel.get_by_role("button", name="Show the notifications of this call").click()
    expect(shown.lines).to_have_count(3)
    expect(shown.lines.first).to_contain_text("First")


def test_calls_are_sorted_and_filtered(shown):
    for subject in ("Beta", "Alpha", "Gamma"):
        shown.call(subject=subject)
    names = shown.rows.locator(".gcc-name")
    expect(names).to_have_text([re.compile(name) for name in ("Gamma", "Alpha", "Beta")])
    shown.calls.get_by_role("button", name="Call", exact=True).click()
    expect(names).to_have_text([re.compile(name) for name in ("Alpha", "Beta", "Gamma")])
    expect(shown.calls.get_by_role("columnheader", name="Call")).to_have_attribute("aria-sort", "ascending")
    shown.notebook.execute("handle.wait_for('established'); handle.hang_up(); handle.wait_for('terminated')")
    shown.calls.get_by_role("button", name="Ended").click()
    expect(names).to_have_text([re.compile("Gamma")])
    shown.calls.get_by_role("button", name="All", exact=True).click()
    shown.calls.get_by_label("Filter calls").last.fill("alp")
    expect(names).to_have_text([re.compile("Alpha")])


def test_cockpit_works_by_keyboard(shown):
    page = shown.notebook.page
    shown.call(subject="First")
    shown.call(subject="Second")
    shown.until(shown.row("First"), "established")
    shown.calls.get_by_label("Filter calls").last.focus()
    focused = page.locator(":focus")
    for _ in range(20):
        page.keyboard.press("Tab")
        if focused.evaluate("element => element.classList.contains('gcc-row')"):
            break
    expect(focused).to_contain_text("Second")
    page.keyboard.press("ArrowDown")
    expect(focused).to_contain_text("First")
    page.keyboard.press("Enter")
    expect(shown.panel).to_contain_text("First")
    page.keyboard.press("Tab")
    expect(focused).to_have_accessible_name(re.compile("^Hang up: First"))
    page.keyboard.press("Enter")
    shown.until(shown.row("First"), "terminated")
    expect(shown.calls.locator(".gcc-row :focus")).to_have_accessible_name(re.compile("^More about First"))
    page.keyboard.press("ArrowUp")
    expect(focused).to_contain_text("Second")
    page.keyboard.press("Escape")
    expect(shown.panel).to_have_count(0)


def test_a_second_view_and_a_page_loaded_again_show_the_same(lab_page):
    first = show(lab_page, "cockpit", "cockpit")
    second = Shown(lab_page, 1)
    first.call(subject="Before")
    for view in (first, second):
        view.until(view.row("Before"), "established")
        expect(view.lines).to_have_count(3)
    lab_page.save()
    lab_page.reload()
    again = Shown(lab_page)
    again.until(again.row("Before"), "established")
    expect(again.lines).to_have_count(3)
    again.call(subject="After")
    for view in (again, Shown(lab_page, 1)):
        view.until(view.row("After"), "established")
        view.paints(established=2)


def test_a_table_that_missed_a_message_asks_for_all(shown):
    shown.notebook.execute("send, cockpit.calls.send = cockpit.calls.send, lambda *a: None")
    shown.call(subject="Missed")
    shown.notebook.execute("handle.wait_for('established'); import time; time.sleep(0.3); cockpit.calls.send = send")
    expect(shown.row("Missed")).to_have_count(0)
    shown.call(subject="Seen")
    shown.until(shown.row("Missed"), "established")


def test_no_row_moves_under_the_pointer(shown):
    shown.call(subject="First")
    shown.until(shown.row("First"), "established")
    shown.row("First").hover()
    shown.call(subject="Second")
    expect(shown.lines.filter(has_text=re.compile("Second.*established"))).to_be_visible(timeout=20 * SECONDS)
    expect(shown.calls.locator(".gcc-pill")).to_have_text("1 new call – show")
    expect(shown.rows).to_have_count(1)
    shown.calls.locator(".gcc-pill").click()
    expect(shown.rows.first).to_contain_text("Second")


def test_thousands_of_calls_have_few_elements(shown):
    shown.notebook.execute(WRITE + "write(*(f'call-{n:05}' for n in range(3000)), state='ringing')")
    expect(shown.calls.locator(".gcc-summary").first).to_have_text("3,000 calls, 3,000 live")
    assert shown.rows.count() < 40
    shown.rows.first.focus()
    shown.notebook.page.keyboard.press("End")
    expect(shown.notebook.page.locator(":focus")).to_contain_text("00000")
    expect(shown.calls.get_by_role("grid")).to_have_attribute("aria-rowcount", "3001")


def test_text_of_a_notification_is_never_markup(shown):
    shown.call(subject=NASTY)
    shown.row("<img src=x").click()
    expect(shown.panel).to_contain_text("<img src=x")
    shown.lines.first.click()
    expect(shown.log.locator(".gcc-raw")).to_contain_text("resourceData")
    assert shown.root.locator("img").count() == 0
    assert shown.notebook.page.evaluate("document.body.dataset.broken") is None


def test_invisible_characters_of_a_name_are_shown_and_isolated(shown):
    shown.call(subject="\u202egpj.exe")
    shown.call(subject="مرحبا")
    shown.row("‹U+202E›gpj.exe · Heidi Steen").click()
    expect(shown.panel.locator(".gcc-panel-name")).to_have_text("‹U+202E›gpj.exe · Heidi Steen")
    expect(shown.row("\u2068مرحبا\u2069 · Heidi Steen")).to_be_visible()
    shown.notebook.execute(WRITE + "write('odd', state='established', raw='{\"subject\": \"\\u202egpj.exe\"}')")
    shown.lines.filter(has_text="odd").click()
    expect(shown.log.locator(".gcc-raw")).to_contain_text(r"\u202egpj.exe")


def test_refused_notification_is_counted(shown):
    expect(shown.status.locator(".gcc-listener")).to_contain_text("nothing yet · none refused")
    shown.notebook.execute("import httpx; httpx.post(session.callback_uri, json={'value': []})")
    expect(shown.status.locator(".gcc-listener")).to_contain_text("1 refused (401 × 1)")
    expect(shown.status.locator(".gcc-tunnel")).to_contain_text("Loopback, no tunnel")


def test_form_can_be_hidden(shown):
    toggle = shown.status.get_by_role("button", name="New call")
    expect(shown.form).to_be_visible()
    toggle.click()
    expect(shown.form).to_be_hidden()
    expect(toggle).to_have_attribute("aria-expanded", "false")


def test_all_parts_show_that_the_session_is_closed(shown):
    shown.call(subject="Left over")
    shown.until(shown.row("Left over"), "established")
    shown.notebook.execute("session.close()")
    for summary in (shown.calls.locator(".gcc-summary").first, shown.log.locator(".gcc-summary").first, shown.status):
        expect(summary).to_contain_text(re.compile("session closed", re.IGNORECASE))
    expect(shown.row("Left over").locator(".gcc-do-hang_up")).to_have_attribute("aria-disabled", "true")


def test_all_parts_show_that_the_kernel_is_disconnected(lab_page):
    shown = show(lab_page)
    shown.call(subject="Left over")
    shown.notebook.restart_kernel()
    for summary in (shown.calls.locator(".gcc-summary").first, shown.log.locator(".gcc-summary").first, shown.status):
        expect(summary).to_contain_text(re.compile("not connected", re.IGNORECASE))
    # ipywidgets marks each of its parts, in a place of its own, which the columns of a form have none for.
    marks = """parts => parts.map(one => getComputedStyle(one, "::before").content).filter(text => text !== "none")"""
    said = shown.root.locator(".jupyter-widgets-disconnected").evaluate_all(marks)
    assert said == ['"Not connected to a kernel: run the cell again."']


def test_the_notebook_made_for_voila_is_a_page_of_its_own(voila_page):
    shown = Shown(voila_page.open("cockpit.ipynb"))
    expect(voila_page.locate("h1:visible, h2:visible")).to_have_text([re.compile("The calling cockpit")])
    shown.until(shown.place("Phone"), "established")
    assert voila_page.cell_errors() == voila_page.errors == voila_page.foreign == []
