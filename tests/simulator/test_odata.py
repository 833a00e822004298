"""OData in requests that read."""

import pytest

from graphcall_nb.simulator.errors import GraphError
from graphcall_nb.simulator.odata import make_entity, make_list, parse_filter

ANN = {"@odata.type": "#participant", "id": "1", "isMuted": True, "info": {"identity": {"user": {"id": "ann"}}}}
BOB = {"@odata.type": "#participant", "id": "2", "isMuted": False, "info": {"identity": {"phone": {"id": "+1"}}}}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("isMuted eq true", ["1"]),
        ("isMuted ne true", ["2"]),
        ("not isMuted eq true", ["2"]),
        ("info/identity/user/id eq 'ann'", ["1"]),
        ("info/identity/user ne null", ["1"]),
        ("id eq '1' or id eq '2'", ["1", "2"]),
        ("id eq '1' and isMuted eq false", []),
        ("(id eq '1' or id eq '2') and isMuted eq false", ["2"]),
        ("startswith(info/identity/user/id,'a')", ["1"]),
        ("id gt '1'", ["2"]),
        ("id gt 1", []),
        ("future eq 'it''s'", []),
    ],
)
def test_filter(text, ids):
    assert [one["id"] for one in make_list([ANN, BOB], {"$filter": text})["value"]] == ids


@pytest.mark.parametrize(
    "text",
    ["", "id", "id eq", "id is '1'", "id eq '1", "id eq '1' and", "(id eq '1'", "id eq '1')", "id eq {}", "'a' eq id",
     "not " * 500 + "id eq '1'", "(" * 300, "x" * 3000, "contains(id)"],
)  # fmt: skip
def test_filter_that_cannot_be_read_is_refused(text):
    with pytest.raises(GraphError, match=r"\$filter") as refused:
        parse_filter(text)
    assert refused.value.status == 400


def test_long_filter_of_alternatives():
    condition = parse_filter(" or ".join(f"id eq '{number}'" for number in range(100)))
    assert condition({"id": "99"})


def test_select_keeps_annotations():
    assert make_entity(ANN, {"$select": "isMuted"}) == {"@odata.type": "#participant", "isMuted": True}


def test_expand_adds_related_entities():
    assert make_entity(ANN, {"$select": "id", "$expand": "calls"}, {"calls": lambda: [BOB]})["calls"] == [BOB]


def test_top_skip_orderby_and_count():
    options = {"$top": "1", "$skip": "1", "$orderby": "id desc", "$count": "true", "$select": "id"}
    assert make_list([ANN, BOB], options) == {"@odata.count": 2, "value": [{"@odata.type": "#participant", "id": "1"}]}


@pytest.mark.parametrize(
    "options", [{"$top": "-1"}, {"$top": "x"}, {"$skip": "9" * 20}, {"$search": "x"}, {"$expand": "x"}]
)
def test_option_that_cannot_be_applied_is_named(options):
    with pytest.raises(GraphError, match="|".join(options).replace("$", r"\$")):
        make_list([ANN], options)


async def test_key_in_parentheses(service):
    call_id = (await service.create()).json()["id"]
    response = await service.graph.get(f"/beta/app/calls('{call_id}')?$select=id,state&$expand=operations")
    shown = response.json()
    assert (shown["id"], shown["operations"], "source" in shown) == (call_id, [], False)


async def test_unknown_option_is_refused(service):
    call_id = (await service.create()).json()["id"]
    response = await service.graph.get(f"/beta/app/calls/{call_id}/participants?$search=x")
    assert (response.status_code, "$search" in response.json()["error"]["message"]) == (400, True)
