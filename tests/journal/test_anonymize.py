"""Masked files: no text of a person, and no secret, in any member of any body."""

import gzip
import json
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from graphcall_nb.journal.anonymize import KEPT, PATHS, Anonymizer
from graphcall_nb.journal.archive import ArchiveHeader, save
from graphcall_nb.journal.journal import open_journal
from tests.journal.records import make_notification, make_request
from tests.test_published import ITEMS, REQUESTS, RESPONSES

CANARY = "canary 7f3a"


def plant(value):
    """Return a JSON value with the canary in the place of every text that is not an id, a time or a word of the API."""
    if isinstance(value, dict):
        return {
            name: item if name in KEPT | PATHS and isinstance(item, str) else plant(item)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [plant(item) for item in value]
    return CANARY if isinstance(value, str) else value


MEMBERS = st.sampled_from(
    ["passcode", "token", "clientContext", "uri", "tone", "tones", "joinWebUrl", "displayName", "subject", "message",
     "recordingLocation", "organizer", "value", "text", "id", "state", "blob", "futureMember"]
)  # fmt: skip
BODIES = st.recursive(
    st.just(CANARY) | st.integers() | st.none(),
    lambda inner: st.dictionaries(MEMBERS, inner, min_size=1) | st.lists(inner),
    max_leaves=20,
)


@settings(max_examples=50)
@given(st.dictionaries(MEMBERS, BODIES))
def test_no_member_keeps_free_text(body):
    raw = json.dumps(body)
    masker = Anonymizer()
    masker.learn(make_notification("a", raw=raw))
    assert CANARY not in masker.mask_json(raw)


async def test_no_canary_is_left_in_a_masked_file(tmp_path):
    journal = open_journal()
    published = [*ITEMS.values(), *(exchange["request"] for _, exchange in REQUESTS.values()), *RESPONSES]
    for number, example in enumerate(published):
        body = json.dumps(plant(example))
        fields = {"raw": f"\r\n{body}", "tone": "tone7", "answered_by": CANARY, "result_message": CANARY}
        await journal.append([make_notification(f"57-{number}", **fields)], 1)
        await journal.append_request(
            make_request(request_body=body, response_body=body, url=f"http://x/calls?{CANARY}")
        )
    content = gzip.decompress(save(journal, tmp_path / "x.gcnb", ArchiveHeader("beta", True, True)).read_bytes())
    journal.close()
    assert not re.findall(rb".{0,60}(?:canary|tone7).{0,20}", content)


def test_names_are_numbered_in_the_order_of_the_fields():
    masker = Anonymizer()
    masker.learn(make_request(request_body='{"displayName":"Ann"}', response_body='{"displayName":"Ben"}'))
    assert [masker.mask_text(name) for name in ("Ann", "Ben")] == ["Person 1", "Person 2"]


def test_ids_times_and_words_stay():
    raw = '{"id":"57DAB8B1894C409AB240BD8BEAE78896","state":"established","createdDateTime":"2026-11-25T12:00:00.1Z"}'
    assert Anonymizer().mask_json(raw) == raw


def test_message_keeps_its_code():
    raw = '{"code":500,"message":"Server error for Ann. DiagCode: 500#10124."}'
    assert json.loads(Anonymizer().mask_json(raw)) == {"code": 500, "message": "DiagCode: 500"}
