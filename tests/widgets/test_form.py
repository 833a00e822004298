"""The form without a browser: tests set its controls as a browser does."""

import json
import threading
from concurrent.futures import Future
from pathlib import Path

import ipywidgets as widgets
import pytest

from graphcall_nb.errors import ConsentMissing, InvalidCall
from graphcall_nb.graph import templates
from graphcall_nb.graph.models import Call
from graphcall_nb.widgets.form import Form

SAMPLES = Path(__file__).parent.parent / "samples" / "beta"


class Service:
    """Receives calls and responds when the test does."""

    def __init__(self):
        self.calls, self.futures = [], []

    def submit(self, call):
        self.calls.append(call)
        self.futures.append(Future())
        return self.futures[-1]


class Handle:
    def __init__(self, call):
        self.call, self.id = call, call.id


@pytest.fixture
def service():
    return Service()


@pytest.fixture
def form(service):
    return Form(service.submit)


def get_classes(widget):
    return widget.get_state("_dom_classes")["_dom_classes"]


def controls(form, css):
    """Return all widgets of a class, in the order of the page."""
    found = [form] if css in get_classes(form) else []
    return found + [each for child in getattr(form, "children", ()) for each in controls(child, css)]


def control(form, css, index=0):
    return controls(form, css)[index]


def fill(form, css, value, index=0):
    control(form, css, index).value = value


def press(form, css, index=0):
    control(form, css, index).click()


def shown(form, css):
    return "".join(widget.value for widget in controls(form, css))


# ---- each documented body, by fields alone


def fill_identity(form, who, fields, index=0):
    kind, identity = next(iter(fields["identity"].items()))
    fill(form, f"gcf-{who}-kind", kind, index)
    for member, css in (("id", "id"), ("displayName", "name"), ("tenantId", "tenant")):
        fill(form, f"gcf-{who}-{css}", identity.get(member, ""), index)


def fill_media(form, media):
    hosted = "service" if "service" in media["@odata.type"] else "app"
    fill(form, "gcf-media-kind", hosted)
    fill(form, "gcf-remove-from-group", {None: "", False: "false"}[media.get("removeFromDefaultAudioGroup")])
    if hosted == "app":
        fill(form, "gcf-blob", media["blob"])
    for index, sound in enumerate(media.get("preFetchMedia", [])):
        press(form, "gcf-add-sound")
        fill(form, "gcf-sound-uri", sound["uri"], index)
        fill(form, "gcf-sound-key", sound["resourceId"], index)


def fill_meeting(form, meeting, chat):
    fill(form, "gcf-meeting-kind", "organizer")
    fill(form, "gcf-organizer-id", meeting["organizer"]["user"]["id"])
    fill(form, "gcf-organizer-tenant", meeting["organizer"]["user"]["tenantId"])
    fill(form, "gcf-thread", chat["threadId"])
    fill(form, "gcf-message", chat["messageId"])
    fill(form, "gcf-reply-chain-null", "replyChainMessageId" in chat)


def fill_body(form, body):
    fill(form, "gcf-callback", body["callbackUri"])
    fill(form, "gcf-subject", body["subject"])
    fill(form, "gcf-tenant", body.get("tenantId", ""))
    fill_identity(form, "source", body["source"])
    fill(form, "gcf-language", body["source"].get("languageId", ""))
    fill(form, "gcf-region", body["source"].get("region", ""))
    for word in reversed(body.get("requestedModalities", [])):
        fill(form, f"gcf-word-{word}", True)
    for index, target in enumerate(body.get("targets", [])):
        press(form, "gcf-add-target")
        fill_identity(form, "target", target, index)
    fill_media(form, body["mediaConfig"])
    if "meetingInfo" in body:
        fill_meeting(form, body["meetingInfo"], body["chatInfo"])


@pytest.mark.parametrize("name", templates.DOCUMENTED)
def test_each_documented_body_is_reached_by_fields_alone(form, service, name):
    body = json.loads((SAMPLES / f"{name}.request.json").read_text())
    fill_body(form, body)
    assert form.call.to_json_dict() == body
    form.create()
    assert service.calls[0].to_json_dict() == body


@pytest.mark.parametrize("name", templates.ALL)
def test_each_template_is_sent_as_it_is(form, service, name):
    form.template = name
    press(form, "gcf-create")
    assert service.calls == [templates.ALL[name].build()]


# ---- fields and JSON, in step


def test_a_field_is_written_into_the_json(form):
    fill(form, "gcf-subject", "Typed")
    assert json.loads(control(form, "gcf-json").value) == {"subject": "Typed"}


def test_json_fills_the_fields_and_stays_as_it_was_typed(form):
    text = '{"subject":"Typed", "targets":[{"identity":{"guest":{"id":"g"}}}],}'
    fill(form, "gcf-json", text)
    assert control(form, "gcf-subject").value == "Typed"
    assert (control(form, "gcf-target-kind").value, control(form, "gcf-target-id").value) == ("guest", "g")
    assert control(form, "gcf-json").value == text


def test_emptied_json_stays_empty(form):
    fill(form, "gcf-json", '{"subject": "Old"}')
    fill(form, "gcf-json", "")
    assert control(form, "gcf-json").value == ""
    assert form.call.to_json_dict() == {}
    form.template = "pstn"
    form.template = ""
    assert control(form, "gcf-json").value == "{}"


def test_invalid_json_names_its_line_and_changes_no_field(form, service):
    form.template = "pstn"
    fill(form, "gcf-json", '{"subject": \n oops}')
    assert control(form, "gcf-subject").value == "Test Call"
    assert "line 2, column 2" in shown(form, "gcf-json-status")
    assert isinstance(form.create().exception(), InvalidCall)
    assert service.calls == []


def test_editing_a_field_writes_the_json_anew(form):
    fill(form, "gcf-json", "{oops")
    fill(form, "gcf-subject", "Fixed")
    assert json.loads(control(form, "gcf-json").value) == {"subject": "Fixed"}
    assert "json" not in form.errors


def test_kinds_unknown_to_the_form_are_shown_and_kept(form):
    body = {"targets": [{"identity": {"azureCommunicationServicesUser": {"id": "8:acs"}}}], "mediaConfig": {"x": 1}}
    fill(form, "gcf-json", json.dumps(body))
    assert control(form, "gcf-target-kind").value == "azureCommunicationServicesUser"
    assert control(form, "gcf-media-kind").value == "other"
    fill(form, "gcf-target-id", "8:other")
    assert form.call.to_json_dict()["mediaConfig"] == {"x": 1}


def test_removing_a_row_removes_that_row(form):
    form.template = "simultaneous_ring"
    removed = control(form, "gcf-target")
    press(form, "gcf-remove")
    assert [target.label for target in form.call.targets] == ["Test Phone"]
    fill(form, "gcf-target-name", "Renamed")
    assert [target.label for target in form.call.targets] == ["Renamed"]
    assert removed.comm is None, "a removed row is closed"


def test_rows_that_a_template_does_not_have_are_closed(form):
    form.template = "simultaneous_ring"
    surplus = control(form, "gcf-target", 1)
    form.template = "pstn"
    assert surplus.comm is None
    assert len(controls(form, "gcf-target")) == 1


def test_null_differs_from_missing(form):
    fill(form, "gcf-reply-chain-null", True)
    assert form.call.to_json_dict() == {"chatInfo": {"replyChainMessageId": None}}
    fill(form, "gcf-reply-chain-null", False)
    assert form.call.to_json_dict() == {}


def test_a_flag_has_no_place_until_its_object_is_there(form):
    assert control(form, "gcf-without-host").disabled
    fill(form, "gcf-meeting-kind", "token")
    fill(form, "gcf-without-host", "false")
    assert form.call.to_json_dict()["meetingInfo"]["allowConversationWithoutHost"] is False


def test_invalid_number_stays_in_its_field(form):
    fill(form, "gcf-ringing", "soon")
    assert control(form, "gcf-ringing").value == "soon"
    assert "whole number" in shown(form, "gcf-error")


# ---- pasting, undoing, exporting


def test_the_documents_own_text_is_pasted(form):
    text = 'POST https://graph.microsoft.com/beta/app/calls\n\n{"subject": "Pasted", "targets": [],}'
    fill(form, "gcf-paste", text)
    press(form, "gcf-paste-use")
    assert control(form, "gcf-subject").value == "Pasted"
    press(form, "gcf-undo")
    assert form.call == Call()


def test_pasting_invalid_text_is_refused_and_changes_nothing(form):
    form.template = "pstn"
    fill(form, "gcf-paste", "hello")
    press(form, "gcf-paste-use")
    assert "alert" in shown(form, "gcf-paste-status")
    assert form.call == templates.pstn()


@pytest.mark.parametrize("name", templates.ALL)
def test_template_of_a_call_is_recognized(service, name):
    form = Form(service.submit, call=templates.ALL[name].build())
    assert control(form, "gcf-template").value == name


def test_call_without_template_is_a_custom_request(service):
    form = Form(service.submit, call=templates.pstn("+14255550100"))
    assert control(form, "gcf-template").label == "Custom request"
    form.template = ""
    assert "Custom request" not in dict(control(form, "gcf-template").options)


def test_the_permission_is_that_of_the_call_as_it_stands(form):
    form.template = "pstn"
    assert "Calls.Initiate.All" in shown(form, "gcf-about")
    fill(form, "gcf-meeting-kind", "organizer")
    assert "Calls.InitiateGroupCall.All" in shown(form, "gcf-about")


def test_reset_restores_the_template(form):
    fill(form, "gcf-template", "pstn")
    fill(form, "gcf-subject", "Changed")
    press(form, "gcf-reset")
    assert form.call == templates.pstn()


@pytest.mark.parametrize(("style", "sign"), [("JSON", "{"), ("HTTP", "POST"), ("cURL", "curl"), ("Python", "import")])
def test_the_call_is_exported_as_it_stands(form, style, sign):
    fill(form, "gcf-export-style", style)
    fill(form, "gcf-subject", "Typed")
    text = control(form, "gcf-export").text
    assert text.startswith(sign)
    assert "Typed" in text


# ---- errors and advice


def test_an_untouched_form_shows_no_errors(form):
    assert shown(form, "gcf-error") == ""
    assert set(form.errors) == {"callbackUri", "targets"}


@pytest.mark.slow
def test_a_touched_field_shows_its_error_and_no_other(form):
    fill(form, "gcf-callback", "ftp://x")
    errors = [widget.value for widget in controls(form, "gcf-error") if widget.value]
    assert len(errors) == 1
    assert "https" in errors[0]


def test_create_shows_all_errors_and_opens_their_sections(form, service):
    fill(form, "gcf-media-kind", "app")
    fold = control(form, "gcf-media").children[0]
    assert not fold.value
    form.create()
    assert fold.value
    assert len([1 for widget in controls(form, "gcf-error") if widget.value]) == len(form.errors) == 3
    assert service.calls == []


def test_count_of_errors_follows_the_fields(form):
    form.create()
    assert "2 fields" in shown(form, "gcf-outcome")
    fill(form, "gcf-callback", "https://bot.example/calls")
    assert "1 field" in shown(form, "gcf-outcome")
    form.template = "pstn"
    assert shown(form, "gcf-outcome") == ""


def test_advice_is_fixed_by_its_button(form):
    form.template = "pstn"
    fill(form, "gcf-target-id", "+1 (425) 555-0100")
    press(form, "gcf-fix")
    assert control(form, "gcf-target-id").value == "+14255550100"
    assert controls(form, "gcf-fix") == []


def test_errors_of_no_field_are_listed_on_create(form):
    fill(form, "gcf-json", '{"targets": [{}, {"identity": 1}]}')
    fill(form, "gcf-json", '{"targets": [{}], "requestedModalities": ["x"]}')
    form.create()
    assert all(
        message in shown(form, "gcf-error") or message in shown(form, "gcf-lint-text")
        for message in form.errors.values()
    )


@pytest.mark.parametrize("css", ["gcf-subject", "gcf-callback", "gcf-source-name", "gcf-source-id"])
def test_input_is_never_markup(form, css):
    fill(form, css, "<img src=x onerror=alert(1)>")
    form.create()
    assert not [each for each in everything(form) if isinstance(each, widgets.HTML) and "<img" in each.value]


@pytest.mark.parametrize("field", ["<img src=x>", "targets"])
def test_findings_and_json_errors_are_never_markup(form, field):
    fill(
        form,
        "gcf-json",
        json.dumps({"id": "<img src=x>", "requestedModalities": ["<img src=x>"], field: "<img src=x>"}),
    )
    form.create()
    assert not [each for each in everything(form) if isinstance(each, widgets.HTML) and "<img" in each.value]


def everything(widget):
    return [widget, *(each for child in getattr(widget, "children", ()) for each in everything(child))]


# ---- sending


def test_create_is_busy_until_the_response_and_shows_the_id_only(form, service):
    form.template = "pstn"
    future = form.create()
    assert "gcf-busy" in get_classes(control(form, "gcf-create"))
    service.futures[0].set_result(Handle(Call(id="57DAB8B1", state="establishing")))
    assert "gcf-busy" not in get_classes(control(form, "gcf-create"))
    assert "57DAB8B1" in shown(form, "gcf-outcome")
    assert form.last is future.result()


def test_a_placed_call_has_a_link_until_the_next_is_sent(form, service):
    form.template = "pstn"
    form.create()
    service.futures[0].set_result(Handle(Call(id="57DAB8B1")))
    link = control(form, "gcf-call-link")
    assert (link.call_id, link.layout.display) == ("57DAB8B1", None)
    form.create()
    assert link.layout.display == "none"


def test_a_second_press_while_busy_sends_nothing(form, service):
    form.template = "pstn"
    assert form.create() is form.create()
    assert len(service.calls) == 1


def test_the_answer_may_come_from_another_thread(form, service):
    form.template = "pstn"
    form.create()
    thread = threading.Thread(target=service.futures[0].set_result, args=[Handle(Call(id="57DAB8B1"))])
    thread.start()
    thread.join()
    assert form.last.id == "57DAB8B1"


def test_graph_error_shows_code_request_id_and_remedy(form, service):
    form.template = "pstn"
    form.create()
    error = ConsentMissing(
        403, "Forbidden", "Not <b>allowed</b>.", request_id="req-1", remedy="Grant Calls.Initiate.All."
    )
    service.futures[0].set_exception(error)
    text = shown(form, "gcf-outcome")
    assert all(part in text for part in ("403 Forbidden", "req-1", "Grant Calls.Initiate.All.", "&lt;b&gt;"))
    assert "gcf-busy" not in get_classes(control(form, "gcf-create"))


def test_error_of_submit_is_shown():
    def broken(call):
        raise RuntimeError("<oops>")

    form = Form(broken, call=templates.pstn())
    assert isinstance(form.create().exception(), RuntimeError)
    assert "&lt;oops&gt;" in shown(form, "gcf-outcome")


def test_cancelling_frees_the_button(form, service):
    form.template = "pstn"
    form.create().cancel()
    assert "gcf-busy" not in get_classes(control(form, "gcf-create"))


@pytest.mark.parametrize("given", ["", templates.EXAMPLE_CALLBACK_URI])
def test_the_sessions_callback_is_sent_and_never_shown(service, given):
    form = Form(service.submit, call=templates.pstn(callback_uri=given), default_callback_uri="http://127.0.0.1/secret")
    form.create()
    assert service.calls[0].callback_uri == "http://127.0.0.1/secret"
    assert "secret" not in json.dumps([each.get_state().get("value", "") for each in everything(form)], default=str)


def test_another_callback_is_left_alone(service):
    call = templates.pstn(callback_uri="https://bot.example/calls")
    Form(service.submit, call=call, default_callback_uri="http://127.0.0.1/secret").create()
    assert service.calls == [call]


# ---- the whole


def test_simulated_form_has_a_badge(service):
    simulated = Form(service.submit, simulated=True)
    text = "".join(each.value for each in everything(simulated) if isinstance(each, widgets.HTML))
    assert "SIMULATED" in text
    assert repr(simulated).startswith("<Form SIMULATED, beta")


NEWER = sorted((SAMPLES.parent / "v1.0").glob("*.request.json"))


@pytest.mark.parametrize("path", NEWER, ids=lambda path: path.name.split(".")[0])
def test_the_other_versions_bodies_pass_through_unchanged(service, path):
    form = Form(service.submit, version="v1.0")
    fill(form, "gcf-json", path.read_text())
    assert form.call.to_json_dict() == json.loads(path.read_text())


def test_other_version_is_exported_and_mentioned(service):
    form = Form(service.submit, version="v1.0", call=templates.peer_to_peer())
    fill(form, "gcf-export-style", "HTTP")
    assert control(form, "gcf-export").text.startswith("POST https://graph.microsoft.com/v1.0/communications/calls\n")
    assert "see Export" in shown(form, "gcf-json-status")
    assert "v1.0" in shown(form, "gcf-titlebar")


def test_form_shows_the_given_call(service):
    form = Form(service.submit, call=templates.meet_now())
    assert form.call == templates.meet_now()
    assert form.template == "meet_now"
    form.call = templates.pstn()
    assert control(form, "gcf-target-id").value == "+14258828080"


def test_typing_in_several_threads_loses_nothing(form):
    def type_in(css):
        for number in range(50):
            fill(form, css, f"{css} {number}")

    threads = [threading.Thread(target=type_in, args=[css]) for css in ("gcf-subject", "gcf-tenant", "gcf-thread")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert form.call.to_json_dict() == {
        "subject": "gcf-subject 49",
        "tenantId": "gcf-tenant 49",
        "chatInfo": {"threadId": "gcf-thread 49"},
    }


@pytest.mark.slow
def test_hundreds_of_targets_are_thirty_rows_and_a_count(form):
    people = [{"identity": {"phone": {"id": f" +1425555{number:04}"}}} for number in range(200)]
    form.call = Call.from_json_dict({"targets": people})
    assert len(controls(form, "gcf-target")) == 30
    assert "and 170 more, in the JSON only" in shown(form, "gcf-note")
    assert len(controls(form, "gcf-lint-line")) == 20
    press(form, "gcf-remove")
    assert [target["identity"]["phone"]["id"] for target in form.call.to_json_dict()["targets"]] == [
        one["identity"]["phone"]["id"] for one in people[1:]
    ]
    assert len(controls(form, "gcf-target")) == 30
    assert form.call.targets[29].identity.phone.id == control(form, "gcf-target-id", 29).value


def test_a_refused_call_has_no_link_to_the_one_before(form, service):
    form.template = "pstn"
    form.create()
    service.futures[0].set_result(Handle(Call(id="1")))
    link = control(form, "gcf-call-link")
    assert link.layout.display is None
    fill(form, "gcf-target-id", "")
    form.create()
    assert link.layout.display == "none"
