"""The form in a browser, controlled by clicks and typing, with the embedded service."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from graphcall_nb.graph import templates

from .form_page import FormPage

SAMPLES = Path(__file__).parents[1] / "samples"
DOCUMENT = """POST https://graph.microsoft.com/beta/app/calls
Content-Type: application/json

{
  "@odata.type": "#microsoft.graph.call",
  "callbackUri": "https://bot.contoso.com/callback",
  "subject": "Pasted",
  "targets": [{"identity": {"user": {"id": "112f7296-5fa4-42ca-bae8-6a692b15d4b8"}},}],
}
"""
JOIN_URL = (
    "https://teams.microsoft.com/l/meetup-join/19%3ameeting_NTg0NmQ3NTctZDVkZC00YzRhLThmNmEtOGQ3M2E0ODdmZDZk"
    "%40thread.v2/0?context=%7b%22Tid%22%3a%2272f988bf-86f1-41af-91ab-2d7cd011db47%22%2c"
    "%22Oid%22%3a%224b444206-207c-42f8-92a6-e332b41c88a2%22%7d"
)
NASTY = "<img src=x onerror=\"document.body.dataset.broken='yes'\">"
START = "import graphcall_nb as gc\nsession = gc.simulate(speed=20)"
FORM = "form = session.form(); form"


@pytest.fixture(scope="module")
def open_page(module_pages, lab):
    """Return one page for all tests of this file: each test shows a new form."""
    page = module_pages(lab)
    page.show(START)
    return page


INSECURE = "http://bot.contoso.com/api/messages"


@pytest.fixture
def form(open_page):
    open_page.show_cell(FORM)
    return FormPage(open_page)


def body_of(name, version="beta"):
    return json.loads((SAMPLES / version / f"{name}.request.json").read_text())


# ---- building


@pytest.mark.parametrize("name", templates.DOCUMENTED)
def test_each_documented_body_is_built_by_clicks(form, name):
    body = body_of(name)
    form.build(body)
    form.shows(body)
    assert form.call() == body
    form.create.click()
    form.says("Created. Call")


def test_rows_are_added_changed_and_removed(form):
    form.press("gcf-add-target")
    form.press("gcf-add-phone")
    form.choose("gcf-target-kind", "Application", 0)
    form.fill("gcf-target-id", "8A34A46B-3D17-4ADC-8DCE-DC4E7D572698", 0)
    form.fill("gcf-target-id", "+14255550100", 1)
    form.press("gcf-remove", 0)
    form.shows({"targets": [{"identity": {"phone": {"id": "+14255550100"}}}]})


def test_a_template_is_chosen_with_its_description_and_permission(form):
    form.choose("gcf-template", "Simultaneous ring")
    about = form.root.locator(".gcf-about")
    expect(about).to_contain_text("the first to answer gets the call")
    expect(about).to_contain_text("Calls.Initiate.All")
    form.shows(templates.simultaneous_ring().to_json_dict())


# ---- JSON, both ways, and paste


def test_json_typed_by_hand_fills_the_fields(form):
    form.json.fill('{"subject": "By hand", "targets": [{"identity": {"phone": {"id": "+14255550100"}}}]}')
    expect(form.text("gcf-subject")).to_have_value("By hand")
    expect(form.text("gcf-target-id")).to_have_value("+14255550100")
    form.fill("gcf-subject", "By field")
    expect(form.json).to_have_value(re.compile('"subject": "By field"'))


def test_json_is_replaced_by_typing(form):
    form.choose("gcf-template", "Phone")
    form.json.press("ControlOrMeta+a")
    form.json.press("Delete")
    expect(form.root.locator("button.gcf-remove")).to_have_count(0)  # the kernel has seen the empty text
    typed = '{"subject": "By hand"}'
    form.json.press_sequentially(typed)
    expect(form.text("gcf-subject")).to_have_value("By hand")
    expect(form.json).to_have_value(typed)


def test_invalid_json_names_its_line_and_changes_nothing(form):
    form.fill("gcf-subject", "Kept")
    form.json.fill('{\n  "subject": "Lost"\n  "targets": []\n}')
    expect(form.root.locator(".gcf-json-status")).to_contain_text("line 3")
    expect(form.text("gcf-subject")).to_have_value("Kept")
    form.create.click()
    form.says("Nothing was sent")


@pytest.mark.parametrize(
    "text",
    [
        DOCUMENT,
        DOCUMENT.split("\n\n", 1)[1],
        f"```json\n{DOCUMENT.split(chr(10) * 2, 1)[1]}```",
        """curl https://graph.microsoft.com/beta/app/calls -H 'Authorization: Bearer eyJ' -d '{"subject": "Pasted"}'""",
    ],
    ids=["http", "json with trailing commas", "fence", "curl"],
)
def test_paste_reads_every_format(form, text):
    form.paste(text)
    expect(form.text("gcf-subject")).to_have_value("Pasted")


def test_a_teams_link_fills_chat_and_meeting(form):
    form.fill("gcf-subject", "Kept")
    form.paste(JOIN_URL)
    form.unfold("gcf-meeting")
    expect(form.text("gcf-organizer-id")).to_have_value("4b444206-207c-42f8-92a6-e332b41c88a2")
    expect(form.text("gcf-thread")).to_have_value(re.compile("^19:meeting_.*@thread.v2$"))
    expect(form.text("gcf-subject")).to_have_value("Kept")


def test_paste_refuses_invalid_text_and_undo_restores(form):
    form.fill("gcf-subject", "Before")
    form.paste("call Heidi, please")
    expect(form.root.locator(".gcf-paste-status")).to_contain_text("JSON")
    form.paste('{"subject": "After"}')
    expect(form.text("gcf-subject")).to_have_value("After")
    form.press("gcf-undo")
    expect(form.text("gcf-subject")).to_have_value("Before")


# ---- errors and advice


def test_an_error_stands_beside_its_field_once_it_is_touched(form):
    expect(form.error_at("gcf-tenant")).to_be_hidden()
    form.press("gcf-add-phone")
    expect(form.error_at("gcf-target-id")).to_be_hidden()
    form.fill("gcf-target-id", "555")
    expect(form.error_at("gcf-target-id")).to_contain_text("E.164")
    form.fill("gcf-target-id", "+14255550100")
    expect(form.error_at("gcf-target-id")).to_be_hidden()


def test_create_shows_every_error_sends_nothing_and_goes_to_the_first(form):
    sent = form.notebook.execute("print(len(session.requests()))")
    form.choose("gcf-template", "Peer to peer, own media")
    form.is_open("gcf-media")
    form.fill("gcf-blob", "")
    form.press_fold("gcf-media")
    form.fill("gcf-target-id", "")
    form.create.click()
    form.says("Nothing was sent")
    expect(form.error_at("gcf-target-id")).to_be_visible()
    expect(form.error_at("gcf-blob")).to_be_visible()
    expect(form.text("gcf-target-id")).to_be_focused()
    assert form.notebook.execute("print(len(session.requests()))") == sent


def test_finding_is_fixed_by_its_button(form):
    form.choose("gcf-template", "Group call")
    form.fill("gcf-callback", INSECURE)
    form.press("gcf-fix")
    expect(form.text("gcf-callback")).to_have_value(INSECURE.replace("http:", "https:"))
    expect(form.root.locator("button.gcf-fix")).to_have_count(0)


# ---- keyboard, and unsteady hands


def test_keyboard_focus_is_never_lost(form):
    focused = form.notebook.page.locator(":focus")
    form.choose("gcf-template", "Group call")
    form.fill("gcf-callback", INSECURE)
    form.root.locator("button.gcf-fix").press("Enter")
    expect(focused).to_have_text("Create call")
    focused.press("Enter")
    form.says("Created. Call")
    expect(focused).to_have_text("Create call")
    for left, then in ((1, "Remove"), (0, "Add user")):
        form.root.locator(".gcf-target button.gcf-remove").first.press("Enter")
        expect(form.root.locator(".gcf-target")).to_have_count(left)
        expect(focused).to_have_text(then)
    for _ in range(2):
        form.root.locator("button.gcf-undo").press("Enter")
    expect(form.root.locator(".gcf-template select")).to_be_focused()


@pytest.mark.parametrize("kind", ["target", "sound"])
def test_a_new_row_has_the_focus_and_a_removed_one_leaves_it_to_its_neighbour(form, kind):
    form.unfold("gcf-media")
    form.choose("gcf-media-kind", "Service hosted")
    rows, focused = form.root.locator(f".gcf-row.gcf-{kind}"), form.notebook.page.locator(":focus")
    for count in (1, 2, 3):
        form.press(f"gcf-add-{kind}")
        expect(rows).to_have_count(count)
        expect(rows.last.locator("input").first).to_be_focused()
        focused.fill(f"row {count}")
    for at, neighbour in ((1, "row 3"), (1, "row 1")):
        rows.nth(at).locator(".gcf-remove").press("Enter")
        expect(rows.filter(has=focused).locator("input").first).to_have_value(neighbour)
    rows.locator(".gcf-remove").press("Enter")
    expect(focused).to_have_class(re.compile(f"gcf-add-{kind}"))


def test_the_focus_stays_in_the_view_that_was_clicked(form):
    form.notebook.show_cell("display(form, form)")
    second = form.notebook.locate(".gcf-form").nth(1)
    for view in (form.root, second):
        view.locator("button.gcf-add-target").click()
        expect(view.locator(".gcf-target-id input").last).to_be_focused()
    form.root.locator("button.gcf-remove").first.click()
    expect(form.root.locator("button.gcf-remove").first).to_be_focused()


def test_a_double_click_and_a_held_key_place_one_call(form):
    sent = "print(len(session.requests()))"
    before = int(form.notebook.execute(sent))
    form.choose("gcf-template", "Phone")
    form.shows(templates.pstn().to_json_dict())
    form.create.click(click_count=2, delay=100)
    form.says("Created. Call")
    assert int(form.notebook.execute(sent)) == before + 1
    first = form.outcome.inner_text()
    for _ in range(3):
        form.notebook.page.keyboard.down("Enter")
    form.notebook.page.keyboard.up("Enter")
    expect(form.outcome).not_to_have_text(first)
    form.says("Created. Call")
    assert int(form.notebook.execute(sent)) == before + 2


# ---- export


@pytest.mark.parametrize("style", ["JSON", "HTTP", "cURL", "Python"])
def test_the_request_is_exported_ready_to_copy_and_without_a_secret(form, style):
    secret = form.notebook.execute("print(session.callback_uri)").strip()
    form.choose("gcf-template", "Phone")
    form.pane("Export")
    form.root.locator(".gcf-export-style button").get_by_text(style, exact=True).click()
    block = form.root.locator("pre.gcf-code")
    expect(block).to_have_attribute("aria-label", f"The request as {style.lower()}")
    form.notebook.context.grant_permissions(["clipboard-read", "clipboard-write"])
    form.root.locator("button.gcf-copy").click()
    expect(form.root.locator(".gcf-copied")).to_have_text("Copied")
    copied = form.notebook.page.evaluate("navigator.clipboard.readText()")
    assert copied == block.inner_text()
    assert "+14258828080" in copied
    assert secret not in copied
    assert not re.search(r"eyJ|client_secret", copied)


def test_a_session_of_the_other_version_has_its_shape_exported_and_creates_its_calls(open_page):
    open_page.show_cell('v1 = gc.simulate(version="v1.0", speed=20); form = v1.form(); form')
    form = FormPage(open_page)
    form.choose("gcf-template", "Phone")
    form.pane("Export")
    block = form.root.locator("pre.gcf-code")
    expect(block).to_contain_text('"@odata.type": "#microsoft.graph.invitationParticipantInfo"')
    form.create.click()
    form.says("Created. Call")
    sent = "print(v1.requests()[['url', 'status']].tail(1).to_string())"
    assert re.search("/v1.0/communications/calls +201", open_page.execute(sent))
    open_page.execute("v1.close()")


# ---- text of other users


def test_text_of_a_notification_is_never_markup(form):
    call = {"subject": NASTY, "targets": [{"identity": {"user": {"id": "1", "displayName": NASTY}}}]}
    form.json.fill(json.dumps(call | {"source": {"identity": {"application": {"id": NASTY, "displayName": NASTY}}}}))
    expect(form.text("gcf-target-name")).to_have_value(NASTY)
    expect(form.root.locator(".gcf-source .gcf-fold")).to_contain_text("<img src=x")
    form.create.click()
    form.says("Call")
    form.pane("Export")
    expect(form.root.locator("pre.gcf-code")).to_contain_text("<img src=x")
    form.paste(NASTY)
    expect(form.root.locator(".gcf-paste-status")).not_to_be_empty()
    assert form.root.locator("img").count() == 0
    assert form.notebook.page.evaluate("document.body.dataset.broken") is None


def test_invisible_characters_are_escaped_in_json_and_shown_elsewhere(form):
    call = templates.pstn().to_json_dict()
    hidden = call | {"source": {"identity": {"application": {"id": "x", "displayName": "\u202eHeidi\u200b"}}}}
    form.json.fill(json.dumps(hidden, ensure_ascii=False))
    expect(form.json).to_have_value(re.compile(re.escape(r"\u202eHeidi\u200b")))
    expect(form.root.locator(".gcf-source .gcf-fold")).to_contain_text("‹U+202E›Heidi‹U+200B›")
    assert form.call() == hidden
    form.pane("Export")
    expect(form.root.locator("pre.gcf-code")).to_contain_text(r"\u202eHeidi")
    form.root.locator(".gcf-lint-line", has_text="U+202E, U+200B").locator(".gcf-fix").click()
    expect(form.root.locator(".gcf-source .gcf-fold")).to_have_text("Caller: Heidi")
