"""The door lets through what the contract allows, and says exactly what is wrong with the rest."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta

import pytest

from schemas.door import Door
from schemas.errors import CODES, Rejected
from schemas.events import EVENT_TYPES, is_event_type
from schemas.sources import Source

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
POS = Source("pos")
MISSING = object()


def changed(event, path, value):
    """Copy the event with one field set, or taken away."""
    event = copy.deepcopy(event)
    *way, last = path
    place = event
    for step in way:
        place = place[step]
    if value is MISSING:
        del place[last]
    else:
        place[last] = value
    return event


def test_there_is_an_example_of_every_type(examples):
    """The catalogue and the examples name the same types."""
    assert set(EVENT_TYPES) == {name for name in examples if not name.startswith("custom.")}
    assert all(is_event_type(name) for name in examples)


def test_every_type_is_admitted(admit, example):
    """A complete event of each type passes, and what it said is kept."""
    event = admit(example)
    assert (event.source, event.event_id, event.type) == ("pos", example["event_id"], example["type"])
    assert (event.channel, event.store, event.batch) == ("pos", "mall-1/brand-a/store-7", "import-1")
    assert event.utc_offset == 480
    assert event.occurred_at == datetime(2026, 11, 22, tzinfo=UTC)
    assert event.context == {"ip": "10.0.0.1"}
    assert set(event.data) == set(example["data"])


def test_what_was_admitted_is_admitted_again_as_the_same(admit, example):
    """Normalised data are a fixed point: sent back, they have the same content."""
    event = admit(example)
    again = admit({**example, "data": event.data})
    assert (again.data, again.content_hash) == (event.data, event.content_hash)


@pytest.mark.parametrize("field", ["event_id", "type", "occurred_at", "data"])
def test_a_missing_field_is_named(refuse, example, field):
    """Whatever the type, a required field that is missing is what the pointer points at."""
    rejected = refuse(changed(example, [field], MISSING))
    assert (rejected.code, rejected.pointer) == ("missing_field", f"/{field}")


REQUIRED = {
    "order.placed": ["order_id", "total", "lines"],
    "order.completed": ["order_id", "total", "lines"],
    "order.updated": ["order_id"],
    "order.paid": ["order_id", "amount"],
    "order.shipped": ["order_id"],
    "order.cancelled": ["order_id"],
    "order.refunded": ["order_id", "refund_id", "amount"],
    "product.viewed": ["sku"],
    "message.sent": ["message_id", "medium"],
    "service.contacted": ["medium"],
    "feedback.rated": ["scale", "score"],
    "feedback.reviewed": ["text"],
    "survey.answered": ["survey", "answers"],
    "ticket.opened": ["ticket_id", "kind"],
    "customer.identified": ["traits"],
    "consent.changed": ["purpose", "granted"],
    "points.earned": ["points"],
    "tier.changed": ["tier"],
    "event.voided": ["event_id"],
}
REQUIRED_OF_FAMILY = {
    "product": ["sku"],
    "message": ["message_id", "medium"],
    "ticket": ["ticket_id", "kind"],
    "points": ["points"],
}


@pytest.mark.parametrize(("name", "field"), [(name, field) for name, fields in REQUIRED.items() for field in fields])
def test_a_missing_field_of_data_is_named(refuse, examples, name, field):
    """The same inside data; the sentence names it too."""
    rejected = refuse(changed(examples[name], ["data", field], MISSING))
    assert (rejected.code, rejected.pointer) == ("missing_field", f"/data/{field}")
    assert f"data.{field}" in rejected.message
    assert rejected.event_id == examples[name]["event_id"]


def test_nothing_else_of_data_is_required(admit, example):
    """With its required fields alone, every type passes."""
    name = example["type"]
    required = REQUIRED.get(name) or REQUIRED_OF_FAMILY.get(name.split(".")[0], [])
    admit({**example, "data": {field: example["data"][field] for field in required}})


REFUSALS = [
    ("order.completed", ["zzz"], 1, "unknown_field", "/zzz"),
    ("order.completed", ["sent_at"], "2026-11-22T08:00:00Z", "unknown_field", "/sent_at"),
    ("order.completed", ["source"], "pos", "unknown_field", "/source"),
    ("order.completed", ["a/b~c"], 1, "unknown_field", "/a~1b~0c"),
    ("order.completed", ["event_id"], "", "invalid_value", "/event_id"),
    ("order.completed", ["event_id"], "x" * 201, "invalid_value", "/event_id"),
    ("order.completed", ["event_id"], 7, "invalid_type", "/event_id"),
    ("order.completed", ["type"], "order.complete", "unknown_type", "/type"),
    ("order.completed", ["type"], "custom.", "unknown_type", "/type"),
    ("order.completed", ["type"], "custom.Juice", "unknown_type", "/type"),
    ("order.completed", ["type"], None, "invalid_type", "/type"),
    ("order.completed", ["occurred_at"], "2026-11-22T08:00:00", "invalid_time", "/occurred_at"),
    ("order.completed", ["occurred_at"], 1763769600, "invalid_time", "/occurred_at"),
    ("order.completed", ["occurred_at"], "2026-11-23T12:00:01Z", "time_out_of_range", "/occurred_at"),
    ("order.completed", ["occurred_at"], "1969-12-31T23:59:59Z", "time_out_of_range", "/occurred_at"),
    ("order.completed", ["channel"], 7, "invalid_type", "/channel"),
    ("order.completed", ["store"], "x" * 201, "invalid_value", "/store"),
    ("order.completed", ["batch"], "x" * 201, "invalid_value", "/batch"),
    ("order.completed", ["context"], [], "invalid_type", "/context"),
    ("order.completed", ["data"], [], "invalid_type", "/data"),
    ("order.completed", ["data"], None, "invalid_type", "/data"),
    ("order.completed", ["data", "order_id"], "", "invalid_value", "/data/order_id"),
    ("order.completed", ["data", "order_id"], True, "invalid_type", "/data/order_id"),
    ("order.completed", ["data", "order_id"], 1.5, "invalid_type", "/data/order_id"),
    ("order.completed", ["data", "order_source"], "Not A Source", "invalid_value", "/data/order_source"),
    ("order.completed", ["data", "currency"], "RMB", "invalid_currency", "/data/currency"),
    ("order.completed", ["data", "total"], "268,00", "invalid_money", "/data/total"),
    ("order.completed", ["data", "total"], -1, "invalid_money", "/data/total"),
    ("order.completed", ["data", "total"], 0.12345, "invalid_money", "/data/total"),
    ("order.completed", ["data", "total"], True, "invalid_money", "/data/total"),
    ("order.completed", ["data", "lines"], {}, "invalid_type", "/data/lines"),
    ("order.completed", ["data", "lines", 0], 7, "invalid_type", "/data/lines/0"),
    ("order.completed", ["data", "lines", 0, "sku"], MISSING, "missing_field", "/data/lines/0/sku"),
    ("order.completed", ["data", "lines", 0, "quantity"], 0, "invalid_value", "/data/lines/0/quantity"),
    ("order.completed", ["data", "lines", 0, "quantity"], "1", "invalid_type", "/data/lines/0/quantity"),
    ("order.completed", ["data", "lines", 0, "amount"], "x", "invalid_money", "/data/lines/0/amount"),
    ("order.refunded", ["data", "amount"], "-5", "invalid_money", "/data/amount"),
    ("feedback.rated", ["data", "scale"], "thumbs", "invalid_value", "/data/scale"),
    ("feedback.rated", ["data", "score"], 11, "invalid_value", "/data/score"),
    ("feedback.rated", ["data", "score"], 7.5, "invalid_value", "/data/score"),
    ("feedback.rated", ["data", "score"], "9", "invalid_type", "/data/score"),
    ("feedback.rated", ["data", "about"], "1001", "invalid_type", "/data/about"),
    ("feedback.reviewed", ["data", "stars"], 0, "invalid_value", "/data/stars"),
    ("ticket.opened", ["data", "kind"], "rant", "invalid_value", "/data/kind"),
    ("ticket.opened", ["data", "due_at"], "tomorrow", "invalid_time", "/data/due_at"),
    ("customer.identified", ["data", "traits"], [], "invalid_type", "/data/traits"),
    (
        "customer.identified",
        ["ids"],
        {"member_id": ["", None, 0], "phone": "unknown"},
        "no_identifier",
        "/ids",
    ),
    ("customer.identified", ["ids"], MISSING, "no_identifier", "/ids"),
    ("customer.identified", ["ids"], {}, "no_identifier", "/ids"),
    ("customer.identified", ["ids"], "M42", "invalid_type", "/ids"),
    ("customer.identified", ["ids"], {"passport": "1"}, "unknown_field", "/ids/passport"),
    ("customer.identified", ["ids"], {"phone": ["138 0013 8000", 1.5]}, "invalid_type", "/ids/phone/1"),
    ("customer.identified", ["ids"], {"phone": {"a": 1}}, "invalid_type", "/ids/phone"),
    ("customer.identified", ["ids"], {"user_id": "x" * 201}, "invalid_value", "/ids/user_id"),
    ("customer.identified", ["ids"], {"user_id": "a\x00b"}, "invalid_value", "/ids/user_id"),
    ("customer.linked", ["ids"], {"member_id": "M42", "phone": "none"}, "invalid_value", "/ids"),
    ("customer.linked", ["ids"], {}, "no_identifier", "/ids"),
    ("consent.changed", ["data", "granted"], "yes", "invalid_type", "/data/granted"),
    ("points.earned", ["data", "points"], -1, "invalid_value", "/data/points"),
    ("event.voided", ["data", "batch"], "b", "invalid_value", "/data/batch"),
]


@pytest.mark.parametrize(("name", "path", "value", "code", "pointer"), REFUSALS)
def test_refusals_are_exact(refuse, examples, name, path, value, code, pointer):
    """Each mistake has its code and its place, and a sentence that ends as one."""
    rejected = refuse(changed(examples[name], path, value))
    assert (rejected.code, rejected.pointer) == (code, pointer)
    assert rejected.message.endswith((".", "?"))
    assert CODES[code].applies_to == "event"


@pytest.mark.parametrize("scale", ["csat", "stars"])
def test_averages_may_have_decimals(admit, refuse, examples, scale):
    """Satisfaction and stars run from 1 to 5, with decimals; a promoter score is whole."""
    rated = changed(examples["feedback.rated"], ["data", "scale"], scale)
    assert admit(changed(rated, ["data", "score"], 4.5)).data["score"] == 4.5
    assert refuse(changed(rated, ["data", "score"], 0)).pointer == "/data/score"


@pytest.mark.parametrize("name", ["order.completed", "ticket.opened", "message.sent", "event.voided"])
@pytest.mark.parametrize("ids", [MISSING, {}, None, {"phone": "unknown"}])
def test_some_types_go_without_ids(admit, examples, name, ids):
    """Orders, tickets, messages and voids need no customer: absent, empty and blocked are the same."""
    event = admit(changed({"ids": {}, **examples[name]}, ["ids"], ids))
    assert (event.ids, event.subject) == ((), "")


@pytest.mark.parametrize(
    ("name", "thing"),
    [
        ("order.paid", "order:pos/1001"),
        ("ticket.opened", "ticket:pos/T1"),
        ("message.sent", "message:pos/m1"),
        ("page.viewed", ""),
    ],
)
def test_an_event_names_the_thing_it_is_about(admit, examples, name, thing):
    """Orders, tickets and messages are known by source and number."""
    assert admit(examples[name]).thing == thing


def test_an_order_may_be_another_sources(admit, examples):
    """data.order_source wins over what the source declares, which wins over the source."""
    declared = Source("pay", orders_of="shop")
    assert admit(examples["order.paid"], source=declared).thing == "order:shop/1001"
    named = changed(examples["order.paid"], ["data", "order_source"], "pos")
    assert admit(named, source=declared).thing == "order:pos/1001"
    assert admit(examples["ticket.opened"], source=declared).thing == "ticket:pay/T1"


def test_data_are_normalised(admit, examples):
    """Amounts become decimal strings, numbers of orders strings, known times UTC; unknown fields stay."""
    order = changed(examples["order.completed"], ["data", "order_id"], 1001)
    order = changed(order, ["data", "total"], 268.50)
    order = changed(order, ["data", "gift"], {"weight": 1.50, "pieces": 2.0, "big": 10**30, "none": None})
    data = admit(order).data
    assert (data["order_id"], data["total"], data["discount"], data["shipping"]) == (
        "1001",
        "268.5",
        "10.5",
        "0",
    )
    assert data["gift"] == {"weight": 1.5, "pieces": 2, "big": str(10**30), "none": None}
    assert admit(examples["ticket.opened"]).data["due_at"] == "2026-11-25T00:00:00Z"


def test_a_namespace_scopes_every_identifier(admit, examples):
    """A source with its own name space shares no identifier with the others."""
    event = admit(examples["page.viewed"], source=Source("brandb-shop", namespace="brandb"))
    assert [each.address for each in event.ids] == ["member_id:brandb/M42", "phone:brandb/+8613800138000"]


def test_nobody_can_spell_themselves_into_a_namespace(examples):
    """A shared value that reads like an address of a namespace is refused."""
    door = Door("CN", namespaces={"brandb"})
    event = changed(examples["page.viewed"], ["ids"], {"member_id": "brandb/M42"})
    with pytest.raises(Rejected) as caught:
        door.admit(json.dumps(event).encode(), POS, NOW)
    assert (caught.value.code, caught.value.pointer) == ("invalid_value", "/ids/member_id")


def test_the_id_of_an_event_too_large_is_still_told(refuse, examples):
    """A channel can find the event that did not fit."""
    large = changed(examples["page.viewed"], ["data", "query"], "x" * 40_000)
    assert refuse(large).event_id == large["event_id"]


def test_limits_are_inclusive(admit, examples):
    """Exactly 32 KiB, exactly 24 hours ahead, 20 levels: all pass."""
    event = examples["page.viewed"]
    room = 32 * 1024 - len(json.dumps(changed(event, ["data", "query"], "")))
    admit(changed(event, ["data", "query"], "x" * room))
    admit(changed(event, ["occurred_at"], (NOW + timedelta(hours=24)).isoformat()))
    nested: object = 1
    for _ in range(18):
        nested = [nested]
    admit(changed(event, ["data", "nested"], nested))


def test_an_unknown_version_is_refused(refuse, examples):
    """A header from the future is no reason to guess."""
    assert refuse(examples["page.viewed"], version=2).code == "unknown_version"
    assert refuse(examples["page.viewed"], version=-1).code == "unknown_version"


def test_the_advice_names_the_type_that_was_meant(refuse, examples):
    """A slip in a type's name is answered with the right one."""
    assert "order.completed" in refuse(changed(examples["order.paid"], ["type"], "order.complete")).message
