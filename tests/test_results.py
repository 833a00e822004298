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
def test_each_documented_code_has_an_explanation(pair):
    assert "Microsoft Graph" in explain(*pair).source


@pytest.mark.parametrize("pair", CAPTURED)
def test_each_captured_result_has_an_explanation(pair):
    assert explain(*pair).source not in (OURS, SIP)


def test_explanation_of_a_subcode_depends_on_the_code():
    assert explain(200, 7000).meaning == "The bot ended the call"
    assert explain(500, 7000).meaning == "The transfer failed"


def test_numbers_as_text_are_accepted():
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
def test_unknown_subcode_is_explained_by_the_code_or_its_class(code, words):
    assert words in explain(code, 123456789).meaning


@pytest.mark.parametrize("nothing", [None, "", "twenty", float("nan"), True, object()])
def test_missing_code_is_explained(nothing):
    explained = explain(nothing)
    assert explained.code is None
    assert "no result code" in explained.meaning


def test_unambiguous_subcode_alone_is_explained():
    assert "keepAlive" in str(explain(None, 8537))


def test_object_without_a_text_is_not_a_code():
    class Odd:
        def __str__(self) -> str:
            raise OSError

    assert explain(Odd()).code is None


@given(st.integers() | st.text() | st.none() | st.floats(), st.integers() | st.text() | st.none() | st.binary())
def test_explain_never_raises(code, subcode):
    assert re.fullmatch(r"[A-Z].+[^.]\. [A-Z].+[^.]\.", str(explain(code, subcode)))


@pytest.mark.parametrize("pair", RESULTS)
def test_each_explanation_is_two_sentences(pair):
    assert re.fullmatch(r"[A-Z][^.]+\. [A-Z][^.]+\.", str(explain(*pair)))


@pytest.mark.parametrize(
    "word", ["transferAccepted", "completedSilenceDetected", "APPTRANSFERRED", " stopToneDetected "]
)
def test_words_of_beta_are_explained_as_code_and_subcode(word):
    assert "2018" in explain(200, word).source
    assert explain(None, word).meaning == explain(word).meaning == explain("200", word).meaning


def test_word_before_a_message_is_explained():
    assert explain(200, "transferAccepted: Anything at all.") == explain(200, "transferAccepted")


def test_number_of_the_subcode_precedes_a_word_of_the_code():
    assert explain("transferAccepted", 8537).subcode == 8537
    assert "keepAlive" in str(explain("transferAccepted", 8537))


def test_diag_code_of_a_message_is_explained():
    message = "Call terminated. DiagCode: 500#7106.@"
    assert explain(message) == explain(500, 7106)
    assert explain("DiagCode: 999999#1.@").code == 999999


def test_informational_code_is_not_a_failure():
    assert explain("100", "20").meaning == explain(199).meaning == "It goes on"


def test_repr_and_html_of_an_explanation():
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


RELATED = """
400: 8501 8509 8523 8526 8527 8528 8535 8536 8541 8585
403: 7503 7504 7505 7507 8560 510403 511532
404: 8561 560404 511404
408: 8544 8586 8587 560408 500001
410: 531004
"""


@pytest.mark.parametrize(
    "pair",
    [(int(line.split(":")[0]), int(sub)) for line in RELATED.split("\n") if line for sub in line.split(":")[1].split()],
)
def test_each_related_code_has_a_remedy_of_its_own(pair):
    assert explain(*pair).source not in (OURS, SIP)
    assert explain(*pair).remedy


def test_diag_code_of_the_message_counts_for_an_unknown_pair():
    unknown = explain(400, 123456, "The call failed. DiagCode: 480#10076.@")
    assert unknown.meaning == "The callee could not be reached"
    assert explain(400, 8541, "DiagCode: 480#10076").meaning == "The callee could not be reached"


@pytest.mark.parametrize(
    "written",
    ["487/10004", "487#10004", "487.10004", "487, 10004", "code 487 subcode 10004", {"code": "487", "subCode": 10004}],
)
def test_each_notation_of_a_pair_is_read(written):
    assert (explain(written).code, explain(written).subcode) == (487, 10004)
