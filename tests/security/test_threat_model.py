"""The tests that the threat model names exist, and each of its claims names one."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
CLAIMS = PAGE.partition("| claim | tests |\n| --- | --- |\n")[2].partition("\n\n")[0].splitlines()


@pytest.mark.parametrize("claim", CLAIMS)
def test_claim_names_tests_that_exist(claim):
    tests = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", claim)
    assert tests
    for file, name in tests:
        assert re.search(rf"^(async )?def {name}\(", (ROOT / file).read_text("utf-8"), re.MULTILINE), (file, name)


def test_files_that_the_page_names_exist():
    files = re.findall(r"`((?:tests|graphcall_nb)/[\w/]+(?:\.py)?)", PAGE)
    assert len(CLAIMS) > 20
    assert [file for file in files if not (ROOT / file).exists()] == []
