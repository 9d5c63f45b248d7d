"""Whatever comes, the door says either an event or Rejected, and nothing else."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.decoding import event_id_of
from schemas.door import Door
from schemas.errors import CODES, Rejected
from schemas.sources import Source

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DOOR = Door("CN")
POS = Source("pos")

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


def admitted_or_rejected(raw, version=1):
    """Hold the law: an event, or Rejected with a code of the list."""
    try:
        event = DOOR.admit(raw, POS, NOW, version)
    except Rejected as rejected:
        assert CODES[rejected.code].applies_to == "event"
        assert rejected.event_id == event_id_of(raw)
    else:
        assert event.content_hash == DOOR.admit(raw, POS, NOW, version).content_hash


@given(st.binary(max_size=300))
def test_no_bytes_break_the_door(raw):
    """Whatever the bytes, nothing but Rejected."""
    admitted_or_rejected(raw)


@given(JSON)
def test_no_json_breaks_the_door(value):
    """Whatever the JSON, nothing but Rejected."""
    admitted_or_rejected(json.dumps(value).encode())


FIELDS = st.sampled_from(
    [
        *("event_id", "type", "occurred_at", "ids", "channel", "store", "data", "context", "batch"),
        *(
            "order_id",
            "currency",
            "total",
            "lines",
            "amount",
            "refund_id",
            "sku",
            "quantity",
            "scale",
            "score",
        ),
        *("about", "traits", "points", "granted", "expires_at", "due_at", "kind", "order_source"),
    ]
)
UNKNOWN = st.text(max_size=12) | st.sampled_from(["copy", "model_config", "__class__", "self"])


@settings(max_examples=300)
@given(st.data())
def test_no_broken_event_breaks_the_door(examples, data):
    """Nor any event with some fields replaced by anything."""
    event = copy.deepcopy(data.draw(st.sampled_from(list(examples.values()))))
    replaced = data.draw(st.dictionaries(FIELDS, JSON, max_size=3))
    for name, value in replaced.items():
        place = event if name in event or not isinstance(event["data"], dict) else event["data"]
        place[name] = value
    if isinstance(event["data"], dict):
        event["data"] |= data.draw(st.dictionaries(UNKNOWN, JSON, max_size=2))
    admitted_or_rejected(json.dumps(event).encode())
    admitted_or_rejected(json.dumps(event).encode(), version=0)
