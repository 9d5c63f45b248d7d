"""Orders, other definitions, samples and the population, as definitions ask for them."""

from typing import Any

import pytest

from deploy.oracle.definitions.population import members, tag_values
from deploy.oracle.model import Json
from tests.oracle.definitions.written import ANN, INSTANT, at, bought, held, opened
from tests.oracle.written import ARRIVAL, Said, said, written

BEN = "member_id:M2"


def where(field: str, op: str, value: Any = None) -> list[Json]:
    """One filter."""
    return [{"field": field, "op": op, "value": value}]


def cancelled(order_id: str, day: float) -> Said:
    """The order is off."""
    return said("order.cancelled", "M1", day, order_id=order_id)


@pytest.mark.parametrize(
    ("field", "op", "value", "count"),
    [
        ("state", "eq", "completed", 1),
        ("state", "in", ["placed", "cancelled"], 2),
        ("net_amount", "gt", 0, 2),
        ("net_amount", "eq", 0, 1),
        ("total", "gte", "20.00", 2),
        ("category", "eq", "perfume", 1),
        ("category", "missing", None, 2),
        ("brand", "exists", None, 0),
        ("sku", "eq", "7", 1),
        ("store", "starts_with", "mall", 1),
        ("channel", "eq", "pos", 1),
        ("source", "eq", "shop", 1),
    ],
)
def test_orders(field: str, op: str, value: Any, count: int) -> None:
    """All the person's orders, in whatever state; blank categories and brands say nothing."""
    lines = [{"sku": 7, "category": "perfume", "brand": "", "quantity": 1, "amount": 5}]
    history = (
        bought("1", 10, 1, lines=lines, top={"store": "mall/a", "channel": "pos"}),
        said("order.shipped", "M1", 2, order_id="1"),
        bought("2", 20, 2, kind="placed", source="shop"),
        bought("3", 30, 3),
        cancelled("3", 4),
    )
    node = {"order": "any", "where": where(field, op, value), "op": "eq", "value": count}
    assert held(node, *history)


def test_an_order_lies_in_a_window_by_the_time_it_counts_from() -> None:
    """One never paid or completed lies in none, however wide, and is there without a window."""
    history = (bought("1", 10, 1, kind="placed"), bought("1", 10, 5), bought("2", 20, 2, kind="placed"))
    node: Json = {"order": "any", "op": "eq"}
    assert held(node | {"value": 2}, *history)
    assert held(node | {"value": 1, "window": {"last": "4000d"}}, *history)
    assert held(node | {"value": 1, "window": {"from": at(5).isoformat(), "to": at(6).isoformat()}}, *history)
    assert held(node | {"value": 0, "window": {"from": at(1).isoformat(), "to": at(5).isoformat()}}, *history)
    assert held(node | {"value": 1, "measure": {"distinct_days": True}}, *history)


def test_figures_of_orders_are_in_the_platforms_currency() -> None:
    """Counts are of all orders, sums only of those whose amounts can be added."""
    history = (bought("1", 10, 1), bought("2", 99, 2, currency="USD"), bought("3", 5, 3, kind="placed"))
    node: Json = {"order": "any", "op": "eq"}
    assert held(node | {"value": 3}, *history)
    assert held(node | {"value": 15, "measure": {"sum": "total"}}, *history)
    assert held(node | {"value": 7.5, "measure": {"avg": "net_amount"}}, *history)
    assert held(node | {"value": 99, "measure": {"max": "total"}}, *history, currency="USD")
    assert held({"order": "any", "op": "missing", "measure": {"min": "total"}}, history[1])
    assert held(node | {"value": 2, "measure": {"distinct": "state"}}, *history)


BUYERS: Json = {"where": {"event": "order.completed"}}
SPEND: Json = {
    "tiers": [
        {"value": "high", "where": {"metric": "orders.net_amount", "op": "gte", "value": 100}},
        {"value": "low", "where": {"metric": "orders.net_amount", "op": "gt", "value": 0}},
    ]
}


def test_the_first_tier_that_holds() -> None:
    """Whom none holds for has no value; with one `where` the value is true."""
    log = written(bought("1", 100), said("order.completed", "M2", 2, order_id="2", total=5, lines=[]))
    log += written(said("app.opened", "M3", 3, event_id="m3"))
    assert tag_values(log, SPEND, ARRIVAL) == {ANN: "high", BEN: "low"}
    assert tag_values(log, BUYERS, ARRIVAL) == {ANN: True, BEN: True}


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ({"segment": "buyers"}, True),
        ({"tag": "spend"}, True),
        ({"tag": "spend", "value": "low"}, True),
        ({"tag": "spend", "value": "high"}, False),
        ({"tag": "spend", "op": "in", "value": ["high", "low"]}, True),
        ({"tag": "spend", "op": "ne", "value": "high"}, True),
        ({"tag": "buyer", "value": True}, True),
        ({"metric": "lifecycle", "op": "eq", "value": "active"}, True),
    ],
)
def test_other_definitions(node: Json, expected: bool) -> None:
    """Has the tag, with that value; is in the segment; who has no tag has not another value of it either."""
    active: Json = {"tiers": [{"value": "active", "where": {"segment": "buyers"}}]}
    library = {"segment": {"buyers": BUYERS}, "tag": {"spend": SPEND, "buyer": BUYERS, "lifecycle": active}}
    assert held(node, bought("1", 5), definitions=library) is expected
    assert not held(node, opened(), definitions=library)


def test_a_sample_is_a_stable_share() -> None:
    """By salt and person alone: strictly below the percent."""
    places = {ANN: 9.9, BEN: 10.0}
    log = written(opened(), said("app.opened", "M2", 1))
    sampled: Json = {"where": {"sample": {"percent": 10, "salt": "a"}}}
    assert members(log, sampled, ARRIVAL, share=lambda _, root: places[root]) == {ANN}
    assert members(log, {"where": {"sample": {"percent": 100, "salt": "a"}}}, ARRIVAL) == {ANN, BEN}
    assert members(log, {"where": {"sample": {"percent": 0, "salt": "a"}}}, ARRIVAL) == set()


def test_about_a_tenth_is_in_a_sample_of_ten_percent() -> None:
    """And another salt draws others."""
    log = written(*[said("app.opened", f"M{number}", event_id=f"e{number}") for number in range(400)])
    drawn = [members(log, {"where": {"sample": {"percent": 10, "salt": salt}}}, ARRIVAL) for salt in "ab"]
    assert all(20 < len(some) < 60 for some in drawn)
    assert drawn[0] != drawn[1]


def test_the_population_is_everybody_with_a_fact_by_then() -> None:
    """Not a microsecond earlier, and nobody whose only event is voided."""
    voided = said("app.opened", "M2", 2, top={"batch": "b"})
    log = written(opened(1), voided, said("event.voided", None, 3, batch="b"))
    everybody: Json = {"where": {"all": []}}
    assert members(log, everybody, ARRIVAL, as_of=at(1) - INSTANT) == set()
    assert members(log, everybody, ARRIVAL, as_of=at(1)) == {ANN}
    assert members(log, everybody, ARRIVAL) == {ANN}


def test_as_received_knows_only_what_had_arrived() -> None:
    """The same moment with today's knowledge and with that day's."""
    log = written(opened(1), opened(0.5))
    view: dict[str, Any] = {"as_of": log[0].received_at}
    twice: Json = {"where": {"event": "app.opened", "op": "eq", "value": 2}}
    assert members(log, twice, ARRIVAL, **view) == {ANN}
    assert members(log, twice, ARRIVAL, **view, by="received_at") == set()
