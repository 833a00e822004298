"""Each member of a request with each wrong JSON type: the form reports every one."""

import json
from concurrent.futures import Future
from typing import Any

import pytest

from graphcall_nb.graph import templates
from graphcall_nb.graph.export import export_call
from graphcall_nb.graph.lint import lint
from graphcall_nb.graph.models import Call
from graphcall_nb.widgets.form import Form
from graphcall_nb.widgets.form.state import FormState

WRONG = [True, 5, 1.5, "x", [1], ["x"], [None], {"x": 1}]
USER = {"id": "550fae72-d251-43ec-868c-373732c2704f", "displayName": "Heidi", "tenantId": "t"}
SOUNDS = {"preFetchMedia": [{"uri": "https://cdn.example/a.wav", "resourceId": "1"}]}
FLAGS = dict.fromkeys(("hideBotAfterEscalation", "isDeltaRosterEnabled"), True)
TWO: dict[str, Any] = {
    "callbackUri": "https://bot.example/calls",
    "subject": "Test",
    "tenantId": "t",
    "source": {"identity": {"applicationInstance": USER}, "languageId": "en-us", "region": "us"},
    "targets": [{"identity": {"user": USER}, "hidden": False, "replacesCallId": "c"}],
    "requestedModalities": ["audio"],
    "mediaConfig": {"@odata.type": "#microsoft.graph.serviceHostedMediaConfig", **SOUNDS},
    "ringingTimeoutInSeconds": 60,
    "routingPolicies": ["noMissedCall"],
    "callOptions": FLAGS,
}
CHAT = {"threadId": "19:x@thread.v2", "messageId": "0", "replyChainMessageId": "1"}
MEETING = {name: TWO[name] for name in ("callbackUri", "tenantId", "mediaConfig")} | {"chatInfo": CHAT}
ORGANIZER = {"organizer": {"user": USER}, "allowConversationWithoutHost": True}
BODIES = {
    "two": TWO,
    "app hosted": TWO | {"mediaConfig": {"@odata.type": "#microsoft.graph.appHostedMediaConfig", "blob": "b"}},
    "media of no kind": TWO | {"mediaConfig": {**SOUNDS, "blob": "b", "removeFromDefaultAudioGroup": False}},
    "media of a new kind": TWO | {"mediaConfig": {"@odata.type": "#microsoft.graph.newMediaConfig", **SOUNDS}},
    "an identity of a new kind": TWO | {"targets": [{"identity": {"alien": USER}}]},
    "organizer": MEETING | {"meetingInfo": {"@odata.type": "#microsoft.graph.organizerMeetingInfo", **ORGANIZER}},
    "meeting of no kind": MEETING | {"meetingInfo": {**ORGANIZER, "token": "t", "joinMeetingId": "1", "passcode": "2"}},
}


def places(value, path=()):
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in members:
        yield (*path, name)
        yield from places(inner, (*path, name))


def with_wrong(body, path, wrong):
    changed = json.loads(json.dumps(body))
    *way, last = path
    inner = changed
    for name in way:
        inner = inner[name]
    old, inner[last] = inner[last], wrong
    return None if kind(old) == kind(wrong) else changed


def kind(value):
    return (list, type(value[0])) if isinstance(value, list) else type(value)


def said(body, version):
    """Return the errors of a body; its exports must be complete too."""
    state = FormState(version=version)
    state.edit_json(json.dumps(body))
    export_call(state.call, "python", version)
    return set(state.errors())


@pytest.mark.slow
@pytest.mark.parametrize("version", ["beta-2018", "v1.0"])
@pytest.mark.parametrize("name", BODIES)
def test_no_member_of_a_wrong_type_is_taken_in_silence(name, version):
    body = BODIES[name]
    before = said(body, version)
    tries = [(path, wrong) for path in places(body) for wrong in WRONG]
    bodies = [(path, wrong, with_wrong(body, path, wrong)) for path, wrong in tries]
    silent = [(path, wrong) for path, wrong, one in bodies if one and not said(one, version) - before]
    assert silent == []


def test_python_export_is_complete():
    (advice,) = [item for item in lint(TWO | {"mediaConfig": SOUNDS | {"blob": 5}}) if item.rule == "member-type"]
    assert advice.field == "mediaConfig.blob"
    assert advice.message == "Expected a text in double quotes, got a number. Correct it, or remove it."


def find_all(widget, css):
    """Return all widgets of a class, in the order of the page."""
    inner = [found for child in getattr(widget, "children", ()) for found in find_all(child, css)]
    return [widget, *inner] if css in widget.get_state("_dom_classes")["_dom_classes"] else inner


def shown(form):
    return [line.value for line in find_all(form, "gcf-lint-text")]


def test_wrong_type_is_listed_at_once_and_nothing_is_sent():
    sent = []
    form = Form(lambda call: sent.append(call) or Future(), call=templates.pstn())
    (text,) = find_all(form, "gcf-json")
    text.value = json.dumps(form.call.to_json_dict() | {"mediaConfig": {"preFetchMedia": [1]}})
    assert any("preFetchMedia[0]" in line and "Expected an object in braces" in line for line in shown(form))
    form.create()
    assert sent == []
    assert sum("preFetchMedia[0]" in line for line in shown(form)) == 1


def test_kind_of_media_follows_from_their_members():
    body = TWO | {"mediaConfig": SOUNDS}
    (advice,) = [item for item in lint(body) if item.rule == "kind-missing"]
    fixed = advice.fix(Call.from_json_dict(body))
    assert fixed.to_json_dict() == TWO
