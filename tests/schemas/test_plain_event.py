"""Plain events are read as the models read them: whoever is read at once is the same event, or is left to them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import door
from schemas.door import Door
from schemas.errors import Rejected
from schemas.event import record_key
from schemas.plain_event import read_plain
from schemas.sources import Source

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DOOR = Door("CN", namespaces={"brandb"})
SOURCES = [Source("pos"), Source("shop", namespace="brandb")]
PLAIN = {
    "event_id": "e1",
    "type": "product.viewed",
    "occurred_at": "2026-11-22T08:00:00+08:00",
    "ids": {"member_id": "M1"},
    "data": {"sku": "P-1", "price": "12.50", "note": "hm", "n": 3, "new": True, "gone": None},
}

TEXTS = st.text(max_size=6) | st.sampled_from(["", " ", "x" * 200, "x" * 201, "\x00", "\\u0000", "é", "💐"])
NUMBERS = st.integers(-(2**70), 2**70) | st.floats() | st.sampled_from([0, -1, 2**63 - 1, 2**63, 2**64, -(2**63) - 1])
AMOUNTS = st.sampled_from(["0", "-0", "12.50", "007.1", "-1", "1e3", "0.00001", "1" * 14, " 1", "", "12.5000000"])
CURRENCIES = st.sampled_from(["CNY", "cny", "usd", "XXX", "¥", ""])
SCALARS = TEXTS | NUMBERS | AMOUNTS | CURRENCIES | st.booleans() | st.none()
VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(TEXTS, SCALARS, max_size=2)
TYPES = st.sampled_from([
    "product.viewed", "product.added", "page.viewed", "search.performed", "app.opened", "coupon.redeemed", "custom.a",
    "custom.", "custom.A", "customs", "feedback.rated", "order.completed", "nothing", "", "custom." + "a" * 194,
])  # fmt: skip
TIMES = st.sampled_from([
    "2026-11-22T08:00:00Z", "2026-11-22t08:00:00.123456789z", "2026-11-22 08:00:60+08:00", "2026-11-22T08:00:00",
    "2026-W47-7T08:00:00Z", "20261122T08:00:00Z", "1969-12-31T23:59:59Z", "2027-01-01T00:00:00Z",
    "2026-02-30T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T08:00Z",
    "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00",
])  # fmt: skip
IDS = st.dictionaries(
    st.sampled_from(["member_id", "phone", "email", "wechat_openid", "user_id", "nobody"]),
    st.sampled_from(["M1", "13800138000", "a@b.cn", "brandb/M1", "unknown", "", "\x00"]) | SCALARS | st.lists(TEXTS),
    max_size=3,
)
FIELDS = st.sampled_from(["sku", "name", "category", "price", "currency", "quantity", "url", "query", "coupon", "more"])
EVENTS = st.fixed_dictionaries(
    {
        "event_id": TEXTS | VALUES,
        "type": TYPES,
        "occurred_at": TIMES | VALUES,
        "ids": IDS | VALUES,
        "data": st.dictionaries(FIELDS | TEXTS, VALUES, max_size=4) | VALUES,
    },
    optional={
        "channel": TEXTS | VALUES, "store": TEXTS | st.none(), "batch": TEXTS | st.none(), "context": VALUES,
        "time_derived": st.booleans(), "more": VALUES,
    },
)  # fmt: skip


def said(raw, source):
    """What the door says: all of the event and its record's key, or why not."""
    try:
        event = DOOR.admit(raw, source, NOW)
    except Rejected as rejected:
        outcome = (rejected.code, rejected.pointer, rejected.message, rejected.event_id)
        with pytest.raises(Rejected) as again:
            DOOR.address(raw, source, NOW)
        assert (again.value.code, again.value.pointer, again.value.message, again.value.event_id) == outcome
        return outcome
    assert DOOR.address(raw, source, NOW) == record_key(event)
    return event


def models_say(raw, source):
    """The same by the models alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(door, "read_plain", lambda _raw: None)
        return said(raw, source)


@settings(max_examples=500)
@given(event=EVENTS, source=st.sampled_from(SOURCES))
def test_the_door_says_what_the_models_say(event, source):
    """Of any event, plain or not: the same fields, the same hash, the same key, the same refusal."""
    raw = json.dumps(event).encode()
    assert said(raw, source) == models_say(raw, source)


@settings(max_examples=500)
@given(st.data())
def test_nearly_plain_events_too(data):
    """An event that is plain but for a field or two."""
    event = json.loads(json.dumps(PLAIN))
    for name in data.draw(st.lists(st.sampled_from([*PLAIN, "channel", "store", "batch"]), max_size=2, unique=True)):
        event[name] = data.draw(VALUES | TIMES | TYPES | IDS)
    if isinstance(event["data"], dict):
        event["data"] |= data.draw(st.dictionaries(FIELDS | TEXTS, SCALARS, max_size=3))
    raw = json.dumps(event, ensure_ascii=data.draw(st.booleans())).encode("utf-8", "surrogatepass")
    assert said(raw, SOURCES[0]) == models_say(raw, SOURCES[0])


@pytest.mark.parametrize(
    "more",
    [{}, {"channel": "app", "store": "mall/1", "batch": "b"}, {"type": "page.viewed", "data": {"url": "/a"}},
     {"type": "custom.poll", "data": {"answer": "yes"}}, {"ids": {"phone": "13800138000", "email": "a@b.cn"}}],
)  # fmt: skip
def test_most_events_are_plain(more):
    """Else nothing would be gained, and the properties would hold of nothing."""
    assert read_plain(json.dumps({**PLAIN, **more}).encode()) is not None


@pytest.mark.parametrize(
    "more",
    [{"context": {"ip": "1.2.3.4"}}, {"time_derived": True}, {"type": "order.completed"}, {"ids": {"phone": ["1"]}},
     {"data": {"sku": "P-1", "price": 12.5}}, {"data": {"sku": "P-1", "price": "-1"}}, {"data": {"name": "no sku"}},
     {"data": {"sku": "P-1", "deep": {"a": 1}}}, {"data": {"sku": "P-1", "n": 2**63}}, {"event_id": ""},
     {"event_id": "\x00"}, {"occurred_at": "yesterday"}],
)  # fmt: skip
def test_what_is_not_surely_plain_is_left_to_the_models(more):
    """Whatever has rules of its own."""
    assert read_plain(json.dumps({**PLAIN, **more}).encode()) is None


def test_a_door_for_flatter_events_asks_the_models():
    """Where fewer levels are let in than a plain event has, it is refused like any other."""
    with pytest.raises(Rejected, match="deeper"):
        Door("CN", max_depth=1).admit(json.dumps(PLAIN).encode(), SOURCES[0], NOW)
