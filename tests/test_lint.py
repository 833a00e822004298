import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcall_nb.errors import InvalidCall
from graphcall_nb.graph import templates
from graphcall_nb.graph.lint import RULES, lint
from graphcall_nb.graph.models import Call, ParticipantInfo

ALICE = {"identity": {"user": {"id": "alice"}}}
GOOD = {
    "callbackUri": "https://bot.example/calls",
    "tenantId": "tenant",
    "targets": [ALICE],
    "mediaConfig": {"@odata.type": "#microsoft.graph.serviceHostedMediaConfig"},
}
SERVICE, APP = "#microsoft.graph.serviceHostedMediaConfig", "#microsoft.graph.appHostedMediaConfig"
LINK = (
    "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0"
    "?context=%7b%22Tid%22%3a%22tenant%22%2c%22Oid%22%3a%22o%22%7d"
)


def organizer(**user) -> dict:
    return {"@odata.type": "#microsoft.graph.organizerMeetingInfo", "organizer": {"user": user}}


ORGANIZER = organizer(id="o", tenantId="tenant")
MEETING = {"meetingInfo": ORGANIZER, "chatInfo": {"threadId": "t", "messageId": "0"}}


def meeting(thread: str) -> dict:
    return {**MEETING, "chatInfo": {"threadId": thread, "messageId": "0"}}


def by_id(number: str, **more: str) -> dict:
    kind = "#microsoft.graph.joinMeetingIdMeetingInfo"
    return {"meetingInfo": {"@odata.type": kind, "joinMeetingId": number, **more}}


def users(*ids: str) -> list[dict]:
    return [{"identity": {"user": {"id": id_}}} for id_ in ids]


def crowd(count: int) -> list[dict]:
    return users(*(str(n) for n in range(count)))


def call(**changes) -> Call:
    body = {**GOOD, **changes}
    return Call.from_json_dict({name: value for name, value in body.items() if value is not ...})


def phone(number: str) -> list[dict]:
    return [{"identity": {"phone": {"id": number}}}]


def sounds(**sound) -> dict:
    return {"@odata.type": SERVICE, "preFetchMedia": [{"uri": "https://a/b.wav", "resourceId": "r", **sound}]}


# (rule, field, what is changed in a good call, what fixing makes of the changed fields or None)
CASES = [
    ("callback-missing", "callbackUri", {"callbackUri": ...}, None),
    ("callback-missing", "callbackUri", {"callbackUri": ""}, None),
    (
        "callback-not-https",
        "callbackUri",
        {"callbackUri": "http://a.example/c"},
        {"callbackUri": "https://a.example/c"},
    ),
    ("callback-not-https", "callbackUri", {"callbackUri": "bot.example/c"}, {"callbackUri": "https://bot.example/c"}),
    ("callback-not-https", "callbackUri", {"callbackUri": "https://"}, None),
    ("callback-not-https", "callbackUri", {"callbackUri": "https://[bad"}, None),
    ("callback-loopback", "callbackUri", {"callbackUri": "http://127.0.0.1:80/c"}, None),
    ("ringing-time", "ringingTimeoutInSeconds", {"ringingTimeoutInSeconds": 116}, {"ringingTimeoutInSeconds": 115}),
    ("ringing-time", "ringingTimeoutInSeconds", {"ringingTimeoutInSeconds": 0}, {"ringingTimeoutInSeconds": ...}),
    ("routing-policy-unknown", "routingPolicies[0]", {"routingPolicies": ["sometimes"]}, {"routingPolicies": ...}),
    (
        "routing-policy-unknown",
        "routingPolicies[1]",
        {"routingPolicies": ["none", "NoMissedCall"]},
        {"routingPolicies": ["none", "noMissedCall"]},
    ),
    ("peer-to-peer-only", "routingPolicies", {**MEETING, "routingPolicies": ["none"]}, MEETING),
    ("peer-to-peer-only", "ringingTimeoutInSeconds", {**MEETING, "ringingTimeoutInSeconds": 30}, MEETING),
    ("surrounding-whitespace", "tenantId", {"tenantId": " tenant\n"}, {}),
    ("surrounding-whitespace", "targets[0].identity.user.id", {"targets": users("alice ")}, {}),
    ("invisible-characters", "subject", {"subject": "\u202egpj.exe"}, {"subject": "gpj.exe"}),
    ("invisible-characters", "tenantId", {"tenantId": "\u200btenant"}, {}),
    ("server-generated", "id", {"id": "x", "state": "ringing"}, {"id": ..., "state": ...}),
    ("kind-missing", "mediaConfig", {"mediaConfig": {}}, None),
    (
        "kind-missing",
        "mediaConfig",
        {"mediaConfig": {"blob": "b"}},
        {"mediaConfig": {"@odata.type": APP, "blob": "b"}},
    ),
    ("member-type", "mediaConfig.blob", {"mediaConfig": {"@odata.type": SERVICE, "blob": 5}}, None),
    ("member-type", "source.identity.alien.id", {"source": {"identity": {"alien": {"id": 5}}}}, None),
    ("target-missing", "targets", {"targets": ...}, None),
    ("target-missing", "targets", {"targets": []}, None),
    ("chat-or-meeting-missing", "meetingInfo", {"chatInfo": {"threadId": "t"}}, {"chatInfo": ...}),
    ("chat-or-meeting-missing", "chatInfo", {"meetingInfo": ORGANIZER}, None),
    ("target-without-id", "targets[0].identity", {"targets": [{}]}, None),
    ("target-without-id", "targets[0].identity.user.id", {"targets": [{"identity": {"user": {}}}]}, None),
    ("target-without-id", "targets[1].identity", {"targets": [ALICE, {}]}, {}),
    ("target-twice", "targets[1]", {"targets": users("alice", "Alice")}, {}),
    ("user-by-name", "targets[0].identity.user.id", {"targets": users("alice@contoso.com")}, None),
    ("phone-not-e164", "targets[0].identity.phone.id", {"targets": phone("0171 5550100")}, None),
    ("phone-not-e164", "targets[0].identity.phone.id", {"targets": phone("+1 5")}, {"targets": phone("+15")}),
    ("too-many-targets", "targets", {"targets": crowd(26)}, {"targets": crowd(25)}),
    ("too-many-in-group", "targets", {**MEETING, "targets": crowd(6)}, {**MEETING, "targets": crowd(5)}),
    ("thread-encoded", "chatInfo.threadId", meeting("19%3Ameeting_x%40thread.v2"), meeting("19:meeting_x@thread.v2")),
    ("thread-is-link", "chatInfo.threadId", meeting(LINK), meeting("19:meeting_x@thread.v2")),
    ("thread-is-link", "chatInfo.threadId", meeting("https://teams.microsoft.com/l/meetup-join/x"), None),
    ("message-missing", "chatInfo.messageId", {**MEETING, "chatInfo": {"threadId": "t"}}, MEETING),
    (
        "organizer-without-tenant",
        "meetingInfo.organizer.user.tenantId",
        {**MEETING, "meetingInfo": organizer(id="o")},
        {**MEETING, "meetingInfo": organizer(id="o", tenantId="tenant")},
    ),
    (
        "organizer-without-tenant",
        "meetingInfo.organizer.user.tenantId",
        {**MEETING, "meetingInfo": organizer(id="o"), "tenantId": "t"},
        {**MEETING, "meetingInfo": organizer(id="o", tenantId="t"), "tenantId": "t"},
    ),
    (
        "media-missing",
        "mediaConfig",
        {"mediaConfig": ...},
        {"mediaConfig": {"@odata.type": SERVICE}},
    ),
    ("blob-missing", "mediaConfig.blob", {"mediaConfig": {"@odata.type": APP}}, {}),
    ("modalities-empty", "requestedModalities", {"requestedModalities": []}, {"requestedModalities": ["audio"]}),
    (
        "modality-unknown",
        "requestedModalities[0]",
        {"requestedModalities": ["Audio"]},
        {"requestedModalities": ["audio"]},
    ),
    (
        "modality-unknown",
        "requestedModalities[1]",
        {"requestedModalities": ["audio", "smell"]},
        {"requestedModalities": ["audio"]},
    ),
    (
        "sound-without-uri",
        "mediaConfig.preFetchMedia[0].uri",
        {"mediaConfig": sounds(uri="")},
        {"mediaConfig": {"@odata.type": SERVICE, "preFetchMedia": []}},
    ),
    (
        "sound-not-https",
        "mediaConfig.preFetchMedia[0].uri",
        {"mediaConfig": sounds(uri="http://a/b.wav")},
        {"mediaConfig": sounds()},
    ),
    ("sound-not-https", "mediaConfig.preFetchMedia[0].uri", {"mediaConfig": sounds(uri="ftp://a/b.wav")}, None),
    ("type-without-hash", "mediaConfig.@odata.type", {"mediaConfig": {"@odata.type": SERVICE[1:]}}, {}),
    ("type-without-hash", "mediaConfig.@odata.type", {"mediaConfig": {"@odata.type": "serviceHostedMediaConfig"}}, {}),
    (
        "tenant-placeholder",
        "meetingInfo.organizer.user.tenantId",
        {**MEETING, "meetingInfo": organizer(id="o", tenantId="common")},
        None,
    ),
    ("member-misspelt", "CallbackUri", {"callbackUri": ..., "CallbackUri": GOOD["callbackUri"]}, {}),
    ("member-misspelt", "tennantId", {"tenantId": ..., "tennantId": "tenant"}, {}),
    ("member-misspelt", "call_back_uri", {"callbackUri": ..., "call_back_uri": GOOD["callbackUri"]}, {}),
    ("member-misspelt", "targets[0].Identity", {"targets": [{"Identity": ALICE["identity"]}]}, {}),
    ("member-misspelt", "Subject", {"Subject": 5}, None),
    (
        "phone-as-user",
        "targets[0].identity.user.id",
        {"targets": users("+14255550100")},
        {"targets": phone("+14255550100")},
    ),
    ("phone-as-user", "targets[0].identity.user.id", {"targets": users("tel:+15")}, {"targets": phone("+15")}),
    ("name-as-id", "targets[0].identity.user.id", {"targets": users("Heidi Steen")}, None),
    *(
        ("tenant-placeholder", "tenantId", {"tenantId": text}, None)
        for text in ("common", "Organizations", "<tenant id>", "{{tenantId}}", "YOUR-TENANT-ID", "your_tenant", "...")
    ),
    *(
        ("callback-private", "callbackUri", {"callbackUri": f"https://{host}/calls"}, None)
        for host in ("192.168.1.5", "10.0.0.1:8443", "172.20.3.4", "169.254.1.1", "[fd00::1]", "bot.local", "mypc")
    ),
    (
        "organizer-is-application",
        "meetingInfo.organizer.application",
        {**MEETING, "meetingInfo": {**ORGANIZER, "organizer": {"application": {"id": "a"}}}},
        None,
    ),
    ("source-without-id", "source.identity.application.id", {"source": {"identity": {"application": {}}}}, {}),
    (
        "target-type",
        "targets[0].@odata.type",
        {"targets": [{"@odata.type": "#microsoft.graph.participant", **ALICE}]},
        {"targets": [{"@odata.type": "#microsoft.graph.invitationParticipantInfo", **ALICE}]},
    ),
    ("meeting-id-format", "meetingInfo.joinMeetingId", by_id("299 999 990 128 1"), by_id("2999999901281")),
    (
        "meeting-id-format",
        "meetingInfo.joinMeetingId",
        by_id("https://teams.microsoft.com/meet/2999999901281?p=secret"),
        by_id("2999999901281", passcode="secret"),
    ),
    ("meeting-id-format", "meetingInfo.joinMeetingId", by_id("https://contoso.com"), None),
    (
        "thread-is-link",
        "chatInfo.threadId",
        meeting("https://teams.microsoft.com/meet/2999999901281?p=secret"),
        by_id("2999999901281", passcode="secret"),
    ),
    ("sound-format", "mediaConfig.preFetchMedia[0].uri", {"mediaConfig": sounds(uri="https://a/b.MP3?x=1")}, None),
    (
        "modality-twice",
        "requestedModalities[1]",
        {"requestedModalities": ["audio", "audio"]},
        {"requestedModalities": ["audio"]},
    ),
]
# The same for a call of v1.0, whose caller may call phones.
V1_CASES = [
    (
        "tenant-missing",
        "tenantId",
        {"tenantId": ..., "targets": ..., **MEETING},
        {"tenantId": "tenant", "targets": ..., **MEETING},
    ),
    ("media-needed", "mediaConfig", {"mediaConfig": ...}, {}),
    ("media-kind-unknown", "mediaConfig", {"mediaConfig": {"@odata.type": "#microsoft.graph.noMediaConfig"}}, {}),
    ("phone-without-caller", "source.identity.applicationInstance.id", {"targets": phone("+15"), "source": ...}, None),
    ("not-in-version", "ringingTimeoutInSeconds", {"ringingTimeoutInSeconds": 30}, {"ringingTimeoutInSeconds": ...}),
    ("not-in-version", "routingPolicies", {**MEETING, "routingPolicies": ["none"]}, MEETING),
    ("too-many-targets", "targets", {"targets": crowd(6)}, {"targets": crowd(5)}),
    ("too-many-targets", "targets", {**MEETING, "targets": crowd(6)}, {**MEETING, "targets": crowd(5)}),
]
BOTH = [("beta-2018", *case) for case in CASES] + [("v1.0", *case) for case in V1_CASES]
INCOMPLETE_MEETINGS = {
    "meetingInfo.organizer.user.id": {"@odata.type": "#microsoft.graph.organizerMeetingInfo"},
    "meetingInfo.token": {"@odata.type": "#microsoft.graph.tokenMeetingInfo"},
    "meetingInfo.joinMeetingId": {"@odata.type": "#microsoft.graph.joinMeetingIdMeetingInfo"},
}


def test_good_call_has_no_findings():
    assert lint(call()) == []


@pytest.mark.parametrize("name", templates.DOCUMENTED)
def test_documented_calls_have_no_errors(name):
    assert [item for item in lint(templates.ALL[name].build()) if item.level == "error"] == []


@pytest.mark.parametrize(("version", "rule", "field", "change", "fixed"), BOTH)
def test_each_rule_finds_its_problem_only(version, rule, field, change, fixed):
    (advice,) = lint(call(**change), version)
    assert (advice.rule, advice.field) == (rule, field)
    assert advice.source
    assert advice.message.endswith(".")
    assert (advice.fix is None) == (fixed is None)


@pytest.mark.parametrize(
    ("version", "change", "fixed"), [(case[0], *case[3:]) for case in BOTH if case[4] is not None], ids=str
)
def test_fixed_call_has_no_findings(version, change, fixed):
    faulty = call(**change)
    (advice,) = lint(faulty, version)
    assert advice.fix(faulty).to_json_dict() == call(**fixed).to_json_dict()
    assert lint(advice.fix(faulty), version) == []
    assert faulty == call(**change), "fixing must leave the given call as it is"


def test_every_rule_has_a_case():
    elsewhere = {"meeting-incomplete", "sound-without-key"}
    assert {rule.name for rule in RULES} == {case[1] for case in BOTH} | elsewhere


def test_most_rules_have_a_fix():
    assert len({case[1] for case in BOTH if case[4] is not None}) >= 15


@pytest.mark.parametrize("kind", ["application", "applicationInstance"])
def test_a_phone_may_be_called_by_an_application_or_its_instance(kind):
    calling = call(targets=phone("+15"), source={"identity": {kind: {"id": "bot"}}})
    assert lint(calling, "v1.0") == []


@pytest.mark.parametrize("version", ["beta-2018", "v1.0"])
@pytest.mark.parametrize("name", templates.ALL)
def test_errors_of_templates_have_a_fix(name, version):
    built = templates.ALL[name].build()
    for advice in lint(built, version):
        built = advice.fix(built) if advice.fix else built
    assert [item for item in lint(built, version) if item.level == "error"] == []


@pytest.mark.parametrize("field", INCOMPLETE_MEETINGS)
def test_meeting_needs_its_identifier(field):
    (advice,) = lint(call(meetingInfo=INCOMPLETE_MEETINGS[field], chatInfo=MEETING["chatInfo"]))
    assert advice.field == field


def test_chat_needs_a_thread():
    assert [item.field for item in lint(call(meetingInfo=ORGANIZER, chatInfo={}))] == ["chatInfo.threadId"]


def test_each_fix_of_a_sound_has_the_same_key():
    keyless = call(mediaConfig={"@odata.type": SERVICE, "preFetchMedia": [{"uri": "https://a/b.wav"}]})
    (first,), (second,) = lint(keyless), lint(keyless)
    assert first.fix(keyless) == second.fix(keyless)
    assert lint(first.fix(keyless)) == []


@pytest.mark.parametrize(
    "number", ["+1 (425) 555-0100", "001 425 555 0100", "tel:+1.425.555.0100", "+1425\u20115550100"]
)
def test_phone_number_is_fixed_to_e164(number):
    faulty = call(targets=phone(number))
    assert lint(faulty)[0].fix(faulty).targets[0].identity.phone.id == "+14255550100"


def test_missing_tenant_is_copied_from_the_organizer():
    call = templates.meet_now()
    (advice,) = [found for found in lint(call, "v1.0") if found.rule == "tenant-missing"]
    assert advice.fix(call).tenant_id == call.meeting_info.organizer.user.tenant_id


def test_join_by_meeting_id_needs_no_chat():
    assert lint(templates.join_meeting_id()) == []


def test_identity_of_an_unknown_kind_counts():
    assert lint(call(targets=[{"identity": {"azureCommunicationServicesUser": {"id": "8:acs"}}}])) == []


def test_unknown_version_is_named():
    with pytest.raises(ValueError, match="beta-2018"):
        lint(Call(), "gamma")


@given(st.text())
def test_no_text_breaks_a_rule(text):
    odd = Call(callback_uri=text, targets=[ParticipantInfo.of("phone", text)], requested_modalities=[text])
    for advice in lint(odd):
        assert advice.fix is None or isinstance(advice.fix(odd), Call)


def test_dict_is_accepted():
    assert [item.rule for item in lint({"targets": []})] == [item.rule for item in lint(Call(targets=[]))]
    with pytest.raises(InvalidCall, match="subject"):
        lint({"subject": 5})


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parent / "samples").glob("*/*.request.json")), ids=lambda path: path.name
)
def test_published_request_has_no_finding(path):
    versions = {"v1.0": "v1.0", "beta": "beta-2018", "beta-today": "beta"}
    assert lint(json.loads(path.read_text()), versions[path.parent.name]) == []


def test_other_rules_apply_to_a_type_without_hash():
    body = call(
        mediaConfig={"@odata.type": SERVICE[1:], "preFetchMedia": [{"uri": "http://a/b.wav", "resourceId": "r"}]}
    )
    hashless, insecure = lint(body)
    assert (hashless.rule, insecure.rule) == ("type-without-hash", "sound-not-https")
    assert lint(insecure.fix(body)) == []


def test_body_with_many_unknown_names_is_linted_soon():
    lint(Call.from_json_dict(GOOD | {f"callbackUrl{number}": "" for number in range(100_000)}))


def test_findings_are_shown_with_their_fixes():
    found = lint(templates.pstn("+1 (425) 555-0100", callback_uri="http://bot.adatum.net/secret-path"))
    for shown in (repr(found), found._repr_html_().replace("&quot;", '"')):
        assert "targets[0].identity.phone.id" in shown
        assert '"+14255550100"' in shown
        assert "secret-path" not in shown


def test_findings_of_a_good_call_say_so():
    found = lint(templates.peer_to_peer())
    assert (found, repr(found), found._repr_html_()) == ([], "No problems.", "<p>No problems.</p>")


@pytest.mark.parametrize(
    ("change", "fix"),
    [
        ({"id": "57"}, "remove it"),
        ({"CallbackUri": "https://bot.example/calls", "callbackUri": ...}, "rename it"),
        ({"targets": users("+15")}, '{"phone": {"id": "+15"}}'),
        ({"mediaConfig": {"@odata.type": "serviceHostedMediaConfig"}}, f'"{SERVICE}"'),
    ],
)
def test_fix_is_described(change, fix):
    assert repr(lint(call(**change))).endswith(f"fix: {fix}")
