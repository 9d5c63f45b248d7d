"""One content, one hash, however it is spelt; another content, another hash."""

from __future__ import annotations

import copy
import json
import random
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.canonical import HASH_VERSION
from schemas.door import Door
from schemas.sources import Source

GOLDENS = Path(__file__).parent / "goldens"
DOOR = Door("CN")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
INSTANT = datetime(2026, 11, 22, tzinfo=UTC)


def hash_of(event):
    """Give the hash of an event given as JSON text or to be."""
    raw = event if isinstance(event, bytes) else json.dumps(event).encode()
    return DOOR.admit(raw, Source("pos"), NOW).content_hash


def shuffled(value, rng):
    """Give the same JSON with its keys in another order."""
    if isinstance(value, dict):
        names = list(value)
        rng.shuffle(names)
        return {name: shuffled(value[name], rng) for name in names}
    return [shuffled(part, rng) for part in value] if isinstance(value, list) else value


def test_hashes_are_those_on_record(examples):
    """Hashes already stored keep their meaning: a change here needs a new HASH_VERSION."""
    recorded = json.loads((GOLDENS / f"hashes_v{HASH_VERSION}.json").read_text())
    assert {name: hash_of(event).hex() for name, event in examples.items()} == recorded


@given(st.randoms(use_true_random=False), st.data())
def test_the_order_of_keys_does_not_matter(examples, rng, data):
    """JSON objects have no order."""
    event = examples[data.draw(st.sampled_from(sorted(examples)))]
    assert hash_of(shuffled(event, rng)) == hash_of(event)


@given(st.integers(-1439, 1439))
def test_the_offset_of_the_time_does_not_matter(examples, minutes):
    """The same instant is the same content."""
    event = examples["order.completed"]
    elsewhere = INSTANT.astimezone(timezone(timedelta(minutes=minutes))).isoformat()
    assert hash_of({**event, "occurred_at": elsewhere}) == hash_of(event)


@pytest.mark.parametrize("total", ['"268"', '"268.0"', '"268.0000000"', "268", "268.00", "2.68e2", '"0268.00"'])
def test_the_spelling_of_amounts_does_not_matter(examples, total):
    """As text or number, with zeros or without."""
    event = examples["order.completed"]
    marked = json.dumps({**event, "data": {**event["data"], "total": "@"}})
    assert hash_of(marked.replace('"@"', total).encode()) == hash_of(event)


@pytest.mark.parametrize("number", ["1", "1.0", "1.00", "1e0", "10e-1"])
def test_the_spelling_of_other_numbers_does_not_matter(examples, number):
    """1.0 is 1, in fields nobody knows too."""
    event = examples["page.viewed"]
    marked = json.dumps({**event, "data": {"deep": [{"n": "@"}]}})
    assert hash_of(marked.replace('"@"', number).encode()) == hash_of({**event, "data": {"deep": [{"n": 1}]}})


@pytest.mark.parametrize(
    "ids",
    [
        {"phone": "+86 138-0013-8000", "member_id": "M42"},
        {"phone": ["13800138000", 13800138000], "member_id": ["M42", " M42 ", ""]},
        {"member_id": "M42", "phone": "138 0013 8000", "email": "unknown"},
    ],
)
def test_the_spelling_of_ids_does_not_matter(examples, ids):
    """Order, repetition, blanks and punctuation of identifiers."""
    event = examples["page.viewed"]
    assert hash_of({**event, "ids": ids}) == hash_of(event)


def test_context_does_not_matter(examples):
    """Context says how an event was sent, not what happened."""
    event = examples["page.viewed"]
    assert hash_of({**event, "context": {"ip": "10.9.9.9", "retry": 2}}) == hash_of(event)
    assert hash_of({name: value for name, value in event.items() if name != "context"}) == hash_of(event)


def test_an_absent_label_is_an_empty_one(examples):
    """Absent, null and '' say the same of channel, store and batch."""
    event = examples["page.viewed"]
    absent = {name: value for name, value in event.items() if name not in {"channel", "store", "batch"}}
    assert hash_of(absent) == hash_of({**event, "channel": None, "store": "", "batch": None})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["type"], "order.placed"),
        (["occurred_at"], "2026-11-22T08:00:00.000001+08:00"),
        (["ids"], {"member_id": "M43"}),
        (["channel"], "web"),
        (["store"], "mall-2"),
        (["batch"], "import-2"),
        (["data", "total"], "268.01"),
        (["data", "lines", 0, "quantity"], 2),
        (["data", "new"], None),
    ],
)
def test_other_content_has_another_hash(examples, path, value):
    """Whatever is said differently shows."""
    event = copy.deepcopy(examples["order.completed"])
    place = event
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert hash_of(event) != hash_of(examples["order.completed"])


def test_all_examples_differ(examples):
    """No two of the examples have one hash."""
    assert len({hash_of(event) for event in examples.values()}) == len(examples)


def test_the_declared_scope_does_not_matter(examples):
    """Declaring a namespace later makes no conflict of what is sent again."""
    raw = json.dumps(examples["page.viewed"]).encode()
    scoped = DOOR.admit(raw, Source("pos", namespace="brandb"), NOW)
    assert scoped.content_hash == DOOR.admit(raw, Source("pos"), NOW).content_hash


def test_shuffling_shuffles():
    """The test's own tool does something."""
    keys = {str(number): number for number in range(20)}
    assert list(shuffled(keys, random.Random(1))) != list(keys)


def test_a_time_that_was_worked_out_is_no_content(examples):
    """An event that says so may come again with another time; one that does not may not, nor may it stop saying so."""
    event = examples["order.completed"]
    early, late = ({**event, "occurred_at": f"2026-11-22T0{hour}:00:00Z"} for hour in (1, 2))
    assert hash_of({**early, "time_derived": True}) == hash_of({**late, "time_derived": True})
    assert hash_of({**early, "time_derived": False}) == hash_of(early) != hash_of(late)
    assert hash_of({**early, "time_derived": True}) != hash_of(early)
