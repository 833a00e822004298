"""Calls inside the texts that people copy: mails, links, commands, collections and source code."""

import json
from base64 import b64encode
from urllib.parse import quote

import pytest

from graphcall_nb.errors import InvalidCall
from graphcall_nb.graph.parse import parse_call

CONTEXT = "%7b%22Tid%22%3a%22t%22%2c%22Oid%22%3a%22o%22%7d"
LINK = f"https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0?context={CONTEXT}"
SHORT_LINK = "https://teams.microsoft.com/meet/2999999901281?p=aB3dEf"
SAFE_LINKS = "https://eur03.safelinks.protection.outlook.com/?data=05%7C02&reserved=0&url="
PERCENTS = LINK.count("%")
BODY = '{"subject": "x", "targets": []}'


def encode_url_defense(link):
    """Encode a link as version 2 of URL Defense, which writes % as - and / as _."""
    encoded = quote(link, safe="").replace("_", "%5F").replace("-", "%2D")
    return encoded.replace("%2F", "_").replace("%", "-")


@pytest.mark.parametrize(
    "text",
    [
        SAFE_LINKS + quote(LINK, safe=""),
        SAFE_LINKS + quote(SAFE_LINKS + quote(LINK, safe=""), safe=""),
        f"https://urldefense.proofpoint.com/v2/url?u={encode_url_defense(LINK)}&d=DwMFaQ&c=e",
        # Version 3 replaces characters by asterisks and lists them in Base64; **A stands for two of them.
        f"https://urldefense.com/v3/__{LINK.replace('%', '*')}__;{b64encode(b'%' * PERCENTS).decode()}!!Ab!cd$",
        f"https://urldefense.com/v3/__{LINK.replace('%', '*').replace('?c', '**A')}__;"
        f"{b64encode(b'%%?c' + b'%' * (PERCENTS - 2)).decode()}!!Ab!cd$",
        f"https://secure-web.cisco.com/1a/{quote(LINK, safe='')}",
        LINK.replace("%", "%25"),
        quote(quote(LINK, safe=""), safe=""),
        LINK.replace("https://", "msteams:/"),
        LINK.replace("https://", ""),
        LINK.replace("/l/", "/_#/l/"),
        LINK.replace("%3a", ":").replace("%40", "@"),
        f"会議（{LINK}）。",
        f"[Join]({LINK}), on Friday",
        f"Join <{LINK[:70]}\n{LINK[70:]}>",
        f"<style>a {{ color: red }}</style><a href='{LINK}&amp;anon=true'>Join</a>",
        f"BEGIN:VEVENT\r\nDESCRIPTION:{LINK[:60]}\r\n {LINK[60:]}\\nBye\r\nEND:VEVENT",
        f"{LINK} or {SHORT_LINK}",
        json.dumps({"subject": "Standup", "joinWebUrl": LINK, "chatInfo": {}}),
        json.dumps({"subject": "Standup", "onlineMeeting": {"joinUrl": LINK}}),
    ],
)
def test_long_link_is_found(text):
    body = parse_call(text).to_json_dict()
    assert body["chatInfo"] == {"threadId": "19:meeting_x@thread.v2", "messageId": "0"}
    assert body["tenantId"] == "t"
    assert "subject" not in body


@pytest.mark.parametrize(
    "text",
    [
        SHORT_LINK,
        SAFE_LINKS + quote(SHORT_LINK, safe=""),
        "Meeting ID: 299 999 990 128 1\nPasscode: aB3dEf",
        "Meeting ID: 299\u00a0999\u00a0990\u00a0128\u00a01 Passcode: aB3dEf",
        "ID de réunion : 299 999 990 128 1\r\nCode secret : aB3dEf",
        "会議 ID：299 999 990 128 1\nパスコード：aB3dEf",
        "<div>Meeting ID: <span>299 999 990 128 1</span></div><div>Passcode: <span>aB3dEf</span></div>",
    ],
)
def test_meeting_id_and_passcode_are_found(text):
    body = parse_call(text).to_json_dict()
    assert (body["meetingInfo"]["joinMeetingId"], body["meetingInfo"]["passcode"]) == ("2999999901281", "aB3dEf")
    assert "chatInfo" not in body


@pytest.mark.parametrize(
    "text",
    [
        "POST {{graph}}/calls\nAuthorization: Bearer {token}\n\n" + BODY,
        "@graph = x\n\n### Create\nPOST {{graph}}/calls\n\n" + BODY + "\n\n### Get\nGET {{graph}}/calls/1\n",
        'HTTP/1.1 201 Created\nx-ms-ags-diagnostic: {"ServerInfo":{}}\n\n' + BODY,
        "2026-01-01 DEBUG POST https://x/calls " + BODY + " -> 201",
        r'level=info body="{\"subject\": \"x\", \"targets\": []}"',
        "payload = {'subject': 'x', 'targets': []}",
        "function create() {\n  return {subject: 'x', targets: []}\n}",
        'WARN unclosed { in "x: ' + BODY,
        "axios.post(url, {subject: 'x', targets: []})",
        f"$body = @'\n{BODY}\n'@\nInvoke-RestMethod -Body $body",
        f"curl https://x -d @- <<EOF\n{BODY}\nEOF",
        'curl ^"https://x^" ^\n  --data-raw ^"^{^\\^"subject^\\^":^\\^"x^\\^",^\\^"targets^\\^":^[^]^}^"',
        'curl "https://x" --data "{""subject"":""x"",""targets"":[]}"',
        "http POST https://x subject=x targets:='[]'",
        json.dumps({"info": {}, "item": [{"request": {"body": {"mode": "raw", "raw": BODY}}}]}),
        json.dumps({"log": {"entries": [{"request": {"postData": {"text": BODY}}}]}}),
        '{\n\u00a0\u00a0"subject": "x",\u3000"targets": []}',
    ],
)
def test_body_is_found(text):
    assert parse_call(text).to_json_dict() == {"subject": "x", "targets": []}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("https://teams.live.com/meet/9399999819669?p=x", "personal Microsoft account"),
        ("https://teams.microsoft.com/meet/123not-a-meeting", "a number of 9 to 16 digits"),
        (f"https://contoso.com/{'a' * 20_000}", "at most 16384 are read"),
        (f"{LINK}\n{LINK.replace('_x', '_y')}", "19:meeting_x@thread.v2; thread 19:meeting_y@thread.v2"),
        ("https://teams.microsoft.com/l/chat/0/0", "of the kind 'chat'"),
        ('{"value": [{"changeType": "created", "resourceData": {"state": "incoming"}}]}', "This is a notification"),
        ('{"acceptedModalities": [], "callbackUri": "x"}', "the action answer"),
        ('POST /communications/calls/1/redirect\n\n{"targets": []}', "redirect of an existing call"),
        ('{"info": {}, "item": []}', "a Postman collection"),
        ("$params = @{\n subject = 'x'\n}", "This is PowerShell"),
        ('var body = new Call\n{\n\tOdataType = "x",\n};', "This is C#"),
        ('{"subject": {{subject}}}', "A variable in braces"),
        ('{\n\u200b"subject": "x"}', r"U\+200B \(zero width space\); delete it at line 2, column 1"),
        ("{\n  \u201csubject\u201d: 1}", "curly.* at line 2, column 3"),
    ],
)
def test_other_text_is_named(text, message):
    with pytest.raises(InvalidCall, match=message):
        parse_call(text)
