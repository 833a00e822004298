import ast
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcall_nb import export_call, lint
from graphcall_nb._text import (
    bidi_isolate,
    escape_invisible,
    find_invisible,
    in_python,
    show_invisible,
    strip_invisible,
    truncate,
)
from graphcall_nb.graph import templates
from graphcall_nb.graph.models import Call
from graphcall_nb.graph.parse import parse_call

RLO, ZWSP, ZWJ, TAG = "\u202e", "\u200b", "\u200d", "\U000e0041"
BIDI = [chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C)]
HIDDEN = [*BIDI, "\x00", "\x1b", "\x7f", "\x85", "\u00ad", ZWSP, "\u2028", "\ufeff", "\u3164", TAG]
texts = st.text(st.sampled_from([*HIDDEN, *'aé"\\', "ب", "👩", "\u00a0", "\ud800"]))


@pytest.mark.parametrize("character", HIDDEN)
def test_invisible_characters_are_shown_by_number(character):
    number = f"U+{ord(character):04X}"
    assert show_invisible(f"a{character}b") == f"a‹{number}›b"
    assert find_invisible(f"a{character}b{character}") == [number]
    assert strip_invisible(f"a{character}b") == "ab"


@given(texts)
def test_escaped_json_has_the_same_value_and_no_invisible_characters(text):
    written = escape_invisible(json.dumps({"x": text}, ensure_ascii=False))
    assert json.loads(written) == {"x": text}
    assert find_invisible(written) == []


@given(texts)
def test_escaped_python_literal_has_the_same_value(text):
    assert ast.literal_eval(escape_invisible(json.dumps(text, ensure_ascii=False), in_python)) == text


@pytest.mark.parametrize("text", ["👩‍💻 👨‍👩‍👧", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "می‌خواهم", "क्‍ष", "مرحبا", "Zoë", "山田　太郎"])
def test_joiners_of_scripts_and_emoji_are_kept(text):
    assert show_invisible(text) == escape_invisible(text) == text


@pytest.mark.parametrize("text", [f"user{ZWJ}id", f"a{ZWJ}👩", f"👩{ZWJ}{ZWJ}👩", f"x{TAG}"])
def test_other_joiners_and_tags_are_shown(text):
    assert find_invisible(text)


def test_line_break_in_a_label_becomes_a_space():
    assert show_invisible("one\r\n\ttwo") == "one two"


def test_only_right_to_left_text_is_isolated():
    assert bidi_isolate("Heidi 42") == "Heidi 42"
    assert bidi_isolate("مرحبا") == "\u2068مرحبا\u2069"
    assert truncate(bidi_isolate("مرحبا"), 4) == "\u2068مر…\u2069"


@pytest.mark.parametrize("style", ["json", "http", "curl", "python"])
def test_export_has_no_invisible_characters(style):
    call = templates.pstn()
    call.subject = f"{RLO}exe.jpg{TAG}"
    text = export_call(call, style)
    assert find_invisible(text) == []
    if style != "python":
        assert parse_call(text).subject == call.subject


def test_repr_of_a_call_shows_invisible_characters():
    call = Call.from_json_dict({"targets": [{"identity": {"user": {"id": "x", "displayName": f"{RLO}Heidi"}}}]})
    assert "‹U+202E›Heidi" in repr(call)
    assert find_invisible(call._repr_html_()) == []


def test_phone_number_with_direction_marks_is_fixed():
    faulty = templates.pstn("\u202a+1 425 555 0100\u202c")
    findings = {item.rule: item for item in lint(faulty)}
    assert findings["invisible-characters"].message.startswith("It has invisible characters (U+202A, U+202C)")
    for rule in ("phone-not-e164", "invisible-characters"):
        (target,) = findings[rule].fix(faulty).targets
        assert find_invisible(target.identity.phone.id) == []
    assert findings["phone-not-e164"].fix(faulty).targets[0].identity.phone.id == "+14255550100"
