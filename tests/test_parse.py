import contextlib
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcall_nb.errors import InvalidCall
from graphcall_nb.graph import templates
from graphcall_nb.graph.join_url import read_join_url
from graphcall_nb.graph.parse import parse_call

SAMPLES = Path(__file__).parent / "samples" / "beta"
TARGET = '{"identity": {"user": {"id": "x"}}}'


def test_json():
    assert parse_call('{"subject": "Test"}').to_json_dict() == {"subject": "Test"}


@pytest.mark.parametrize(
    "text", ['{"subject": "a",}', '{"subject": "a", // note\n}', '/* why */ {"subject": "a"\n,\n}']
)
def test_json_with_comments_and_trailing_commas(text):
    assert parse_call(text).to_json_dict() == {"subject": "a"}


def test_commas_and_slashes_inside_texts_stay():
    body = {"subject": 'a,} ,] // "b" /* c */'}
    assert parse_call(json.dumps(body)).to_json_dict() == body


@pytest.mark.parametrize("name", templates.DOCUMENTED)
def test_documented_bodies_with_a_comma_before_each_closing_bracket(name):
    text = (SAMPLES / f"{name}.request.json").read_text()
    assert parse_call(re.sub(r"(?<=[\w\"}\]])(\s*[}\]])", r",\1", text)).to_json_dict() == json.loads(text)


def test_http_block_in_a_fence():
    block = "```http\nPOST https://graph.microsoft.com/beta/app/calls\nContent-Type: application/json\n\n{'x'}\n```"
    assert parse_call(block.replace("{'x'}", '{"subject": "a",}')).subject == "a"


def test_http_response_block():
    assert parse_call('HTTP/1.1 201 Created\nContent-Type: application/json\n\n\n{"id": "1"}').id == "1"


@pytest.mark.parametrize(
    "line",
    [
        """curl -X POST https://x/beta/app/calls -H 'Authorization: Bearer t' -d '{"subject": "a"}'""",
        """curl https://x --json='{"subject": "a"}'""",
        'curl https://x \\\n  --data-raw $\'{"subject": "\\u0061"}\'',
        """curl https://x -d ^\n '{"subject": "a"}'""",
        r"""curl https://x -d $'{\n"subject":\t"a"\r}'""",
    ],
)
def test_curl_line(line):
    assert parse_call(line).to_json_dict() == {"subject": "a"}


def test_join_url():
    url = "https://teams.microsoft.com/l/meetup-join/19%3am%40thread.v2/0?context=%7b%22Tid%22%3a%22t%22%2c%22Oid%22%3a%22o%22%7d"
    body = parse_call(url).to_json_dict()
    assert body["chatInfo"] == {"threadId": "19:m@thread.v2", "messageId": "0"}
    assert body["meetingInfo"]["organizer"]["user"] == {"id": "o", "tenantId": "t"}


def test_join_url_in_an_invitation():
    url = "https://teams.microsoft.com/l/meetup-join/19%3am%40thread.v2/0?context=%7b%22Tid%22%3a%22t%22%2c%22Oid%22%3a%22o%22%7d"
    invitation = f"Microsoft Teams meeting\nJoin on your computer\nClick here to join the meeting<{url}>, or call in."
    assert parse_call(invitation) == parse_call(url)


def test_error_has_the_position_in_the_text():
    with pytest.raises(InvalidCall) as caught:
        parse_call('```http\nPOST /app/calls\n\n{\n  "subject": Test\n}\n```')
    assert (caught.value.line, caught.value.column) == (5, 14)
    assert "line 5, column 14" in str(caught.value)


FORMATS = "JSON, an http block, a cURL command or a Teams join URL"
NOT_A_CALL = (
    f"This text is not a call; paste {FORMATS}. For a phone number or the id of a user, use "
    "templates.pstn(number) or templates.peer_to_peer(id)."
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", f"The text is empty; paste {FORMATS}."),
        ("+1 425 555 0100", NOT_A_CALL),
        ("Call Heidi, please", NOT_A_CALL),
        ('{"a": NaN}', "NaN is not valid JSON; use null or a number."),
        ("curl https://x", "The cURL command does not have a body; add one after --data or --json."),
        ("curl -d @a.json https://x", "The body is in the file 'a.json'; paste the content of that file instead."),
        ("curl -d '{", "The cURL command has a quote that is not closed; copy the whole command."),
        ("curl https://x -d", "This is not JSON: expecting value at line 1, column 1."),
        (
            "POST /app/calls",
            "The http block does not have a JSON body; write it after the headers and a blank line.",
        ),
        (
            "https://teams.microsoft.com/l/meetup-join/19",
            "A Teams join URL has …/l/meetup-join/{threadId}/{messageId}; copy the whole link.",
        ),
        (
            "https://teams.microsoft.com/l/meetup-join/19/0",
            "The link lacks ?context={…} with Tid and Oid at its end; copy the whole link.",
        ),
    ],
)
def test_each_error_has_a_reason_and_a_remedy(text, message):
    with pytest.raises(InvalidCall) as caught:
        parse_call(text)
    assert str(caught.value) == message


def test_an_array_is_an_invalid_call():
    with pytest.raises(InvalidCall, match="array"):
        parse_call("[1]")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"subject": Test}', 'expecting value at line 1, column 13.\n{"subject": Test}\n            ^'),
        ('{\n  "subject": Test\n}', 'expecting value at line 2, column 14.\n  "subject": Test\n             ^'),
        ('{"a": "\x01"}', 'invalid control character at line 1, column 8.\n{"a": "\x01"}\n       ^'),
        ('curl -d $\'{"a": "\\\n"}\' https://x', 'invalid control character at line 1, column 8.\n{"a": "\n       ^'),
        ("curl -d '{1}' https://x", "expecting property name enclosed in double quotes at line 1, column 2.\n{1}\n ^"),
    ],
)
def test_a_syntax_error_shows_the_line(text, message):
    with pytest.raises(InvalidCall) as caught:
        parse_call(text)
    assert str(caught.value) == f"This is not JSON: {message}"


def test_a_byte_order_mark_is_ignored():
    assert parse_call('\ufeff{"subject": "a"}').subject == "a"


@pytest.mark.parametrize(
    "block",
    [
        'POST /app/calls\r\nHost: x\r\n\r\n{"subject": "a"}',
        'POST /app/calls\n{"subject": "a"}',
        'POST /app/calls\n\n{"subject": "a",\n"source": {}}',
    ],
)
def test_http_block(block):
    assert parse_call(block).subject == "a"


def test_a_curl_body_may_contain_an_equals_sign():
    assert parse_call("""curl https://x --data='{"subject": "a=b"}'""").subject == "a=b"


JOIN_URL = "https://teams.microsoft.com/l/meetup-join/19%3am%40thread.v2/0"
CONTEXT = "?context=%7b%22Tid%22%3a%22t%22%2c%22Oid%22%3a%22o%22%7d"


@pytest.mark.parametrize(
    "text",
    [
        JOIN_URL + '?context={"Tid":"t","Oid":"o"}',
        JOIN_URL + "/" + CONTEXT,
        f"Join the meeting: {JOIN_URL}{CONTEXT}.",
        f"Join the meeting ({JOIN_URL}{CONTEXT}), please",
    ],
)
def test_join_url_in_other_notations(text):
    assert parse_call(text) == parse_call(JOIN_URL + CONTEXT)


def test_json_may_contain_a_join_url():
    subject = f"see {JOIN_URL}{CONTEXT}"
    assert parse_call(json.dumps({"subject": subject})).subject == subject


def test_a_join_url_must_be_text():
    with pytest.raises(TypeError, match=r"\Ajoin_url: give the link of a Teams invitation, not int\.\Z"):
        read_join_url(5)


def test_problems_name_the_fields():
    with pytest.raises(InvalidCall) as caught:
        parse_call('{"subject": 5, "targets": [{"identity": {"user": {"id": 4}}}]}')
    assert [field for field, _ in caught.value.problems] == ["targets[0].identity.user.id", "subject"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.slow
@given(st.dictionaries(st.text(max_size=8).map(lambda name: "x" + name), json_values, max_size=4))
def test_unknown_fields_are_kept(extra):
    body = {"subject": None, **extra, "mediaConfig": {"@odata.type": "#new", **extra}, "source": extra}
    assert json.dumps(parse_call(json.dumps(body)).to_json_dict(), sort_keys=True) == json.dumps(body, sort_keys=True)


@given(st.text())
def test_any_text_is_a_call_or_an_invalid_call(text):
    with contextlib.suppress(InvalidCall):
        parse_call(text)


@pytest.mark.parametrize("text", [r'{"subject": "\ud800"}', r"""curl -d $'{"subject": "\uD800"}' https://x"""])
def test_single_surrogate_is_an_invalid_call(text):
    with pytest.raises(InvalidCall, match=r"\A\\ud800 is half of a character"):
        parse_call(text)


def test_an_emoji_in_a_curl_line_of_a_browser_is_one_character():
    line = r"""curl 'https://graph.microsoft.com/beta/app/calls' --data-raw $'{"subject": "it\'s \ud83d\ude00"}'"""
    assert parse_call(line).subject == "it's 😀"


def test_deep_nesting_is_an_invalid_call():
    with pytest.raises(InvalidCall, match=r"\AThe JSON is nested too deeply for a call\.\Z"):
        parse_call('{"a":' * 200_000)


def test_link_to_something_else_suggests_the_meeting_id():
    with pytest.raises(InvalidCall, match="join_meeting_id"):
        parse_call("https://contoso.com/agenda")


def test_dict_is_not_a_text():
    with pytest.raises(InvalidCall, match="got dict"):
        parse_call({"targets": []})
