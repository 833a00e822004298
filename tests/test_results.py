"""Results in plain words: complete for what is documented, sensible for everything else."""

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcall_nb.graph.result_codes import OURS, RESULTS, SIP
from graphcall_nb.graph.results import Explanation, explain

DOCUMENTED = """
200: 4097 4521 5000 5300 5001 5003 5002 5010 5012 5013 5020 5007 5014 5030 5855 7000 10550 7015 18503 540000 560000
408: 8537 1106 10057
410: 301005
480: 10037 10076 10134 10199
500: 1005 7000 7700
400: 8508
100: 20
"""
CAPTURED = [(500, 7106), (500, 3003), (500, 560500), (408, 13025), (400, 2203), (200, 8515), (200, 0), (0, 7015)]
PAIRS = [
    (int(code), int(subcode))
    for code, subcodes in (line.split(":") for line in DOCUMENTED.split("\n") if line)
    for subcode in subcodes.split()
]


@pytest.mark.parametrize("pair", PAIRS)
def test_every_documented_end_is_explained_by_name(pair):
    assert "Microsoft Graph" in explain(*pair).source


@pytest.mark.parametrize("pair", CAPTURED)
def test_every_result_seen_in_captures_and_examples_is_explained_by_name(pair):
    assert explain(*pair).source not in (OURS, SIP)


def test_the_same_subcode_means_other_things_under_other_codes():
    assert explain(200, 7000).meaning == "The bot ended the call"
    assert explain(500, 7000).meaning == "The transfer failed"


def test_numbers_may_come_as_text():
    assert explain("200", " 5013 ") == explain(200, 5013)


def test_zero_counts_as_success_as_in_the_example_of_a_transfer():
    assert explain(0, 7015).meaning == explain(200, 7015).meaning


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (486, "busy"),
        (603, "declined"),
        (299, "without an error"),
        (499, "request"),
        (599, "service"),
        (699, "callee"),
        (-1, "not known"),
        (999, "not known"),
    ],
)
def test_an_unknown_subcode_goes_by_the_code_or_its_class(code, words):
    assert words in explain(code, 123456789).meaning


@pytest.mark.parametrize("nothing", [None, "", "twenty", float("nan"), True, object()])
def test_no_code_is_said_to_be_none(nothing):
    explained = explain(nothing)
    assert explained.code is None
    assert "no result code" in explained.meaning


def test_a_subcode_alone_is_explained_where_it_says_enough():
    assert "keepAlive" in str(explain(None, 8537))


def test_what_raises_when_asked_for_its_text_is_no_code():
    class Odd:
        def __str__(self) -> str:
            raise OSError

    assert explain(Odd()).code is None


@given(st.integers() | st.text() | st.none() | st.floats(), st.integers() | st.text() | st.none() | st.binary())
def test_it_never_raises_and_always_speaks(code, subcode):
    assert re.fullmatch(r"[A-Z].+[^.]\. [A-Z].+[^.]\.", str(explain(code, subcode)))


@pytest.mark.parametrize("pair", RESULTS)
def test_each_answer_is_two_sentences(pair):
    assert re.fullmatch(r"[A-Z][^.]+\. [A-Z][^.]+\.", str(explain(*pair)))


@pytest.mark.parametrize(
    "word", ["transferAccepted", "completedSilenceDetected", "APPTRANSFERRED", " stopToneDetected "]
)
def test_words_of_beta_are_explained_in_either_place(word):
    assert "2018" in explain(200, word).source
    assert explain(None, word).meaning == explain(word).meaning == explain("200", word).meaning


def test_a_word_before_a_message_is_enough():
    assert explain(200, "transferAccepted: Anything at all.") == explain(200, "transferAccepted")


def test_a_number_of_the_subcode_goes_before_a_word_of_the_code():
    assert explain("transferAccepted", 8537).subcode == 8537
    assert "keepAlive" in str(explain("transferAccepted", 8537))


def test_a_whole_message_is_read_for_its_numbers():
    message = "Call terminated. DiagCode: 500#7106.@"
    assert explain(message) == explain(500, 7106)
    assert explain("DiagCode: 999999#1.@").code == 999999


def test_what_goes_on_is_no_failure():
    assert explain("100", "20").meaning == explain(199).meaning == "It goes on"


def test_it_reads_well_as_the_result_of_a_cell():
    assert (
        repr(explain(486, 8539))
        == "<Explanation 486/8539: The callee was busy. Try again later, or call another target.>"
    )
    assert repr(explain(None)).startswith("<Explanation The service gave no result code.")


def test_html_is_escaped():
    html = Explanation(1, 2, "<b>", "&", "'<script>'")._repr_html_()
    assert "&lt;b&gt;" in html
    assert "<script>" not in html


def test_nothing_heavy_is_loaded():
    code = "import sys, graphcall_nb.graph.results; print(*({'pandas', 'numpy', 'pydantic'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == []
