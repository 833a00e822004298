"""Generators of requests to a listener."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from .anything import SAMPLES, bodies_like, request_to, values

PATH = "/fuzzed"
_SAMPLES = [json.loads(path.read_bytes()) for path in sorted(SAMPLES.rglob("notification_*.json"))]

_entity = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("@odata.type", "@odata.etag", "id", "state", "direction", "answeredBy", "activeModalities"), values
    )
    | {
        "toneInfo": values | st.fixed_dictionaries({"tone": values}),
        "resultInfo": values | st.fixed_dictionaries({"code": values, "subcode": values, "message": values}),
    },
)
_item = st.fixed_dictionaries(
    {},
    optional={
        "changeType": values | st.sampled_from(["created", "updated", "deleted"]),
        "resource": values | st.just("/app/calls/57"),
        "resourceUrl": values | st.just("/communications/calls/57/participants"),
        "resourceData": values | _entity | st.lists(_entity, max_size=3),
    },
)
_envelope = st.fixed_dictionaries(
    {"value": st.lists(_item | values, max_size=4) | values}, optional={"@odata.type": values}
)
_paths = st.sampled_from([PATH.encode()] * 9 + [b"/", b"/%00", b"*", b"/fuzzed/..", b"//fuzzed", b"/" + b"x" * 9000])

requests = _paths.flatmap(lambda path: request_to(b"POST", path, bodies_like(_SAMPLES, _envelope | values)))
