"""What nodes of definitions mean, on histories written by hand, sentence by sentence of the contract."""

from typing import Any

import pytest

from deploy.oracle.definitions.population import members
from deploy.oracle.model import Json
from tests.oracle.definitions.written import ANN, at, bought, held, known_as, opened
from tests.oracle.written import ARRIVAL, said, written

YES: Json = {"all": []}
NO: Json = {"any": []}
BEN = "member_id:M2"


def where(field: str, op: str, value: Any = None) -> list[Json]:
    """One filter."""
    return [{"field": field, "op": op, "value": value}]


def test_and_or_not() -> None:
    """Nestable; all of nothing holds, any of nothing does not."""
    assert held({"all": [YES, {"any": [NO, YES]}, {"not": NO}]}, opened())
    assert not held({"all": [YES, NO]}, opened())
    assert not held({"any": [NO, {"not": YES}]}, opened())


def test_not_of_what_is_missing_holds() -> None:
    """Whoever never told a city is not in Shanghai, though `ne` says nothing of them."""
    in_shanghai: Json = {"trait": "city", "op": "eq", "value": "上海"}
    assert held({"not": in_shanghai}, opened())
    assert not held(in_shanghai | {"op": "ne"}, opened())


def test_traits() -> None:
    """The value that holds at the moment; null takes it away."""
    city: Json = {"trait": "city", "op": "in", "value": ["上海", "杭州"]}
    assert held(city, known_as(city="上海"))
    assert not held(city, known_as(1, city="上海"), known_as(2, city="Paris"))
    assert held(city, known_as(1, city="上海"), known_as(2, city="Paris"), now=at(1.5))
    assert held({"trait": "city", "op": "missing"}, known_as(1, city="上海"), known_as(2, city=None))


def test_traits_that_are_lists() -> None:
    """Any element suffices."""
    assert held({"trait": "likes", "op": "eq", "value": "books"}, known_as(likes=["tea", "books"]))
    assert held({"trait": "likes", "op": "missing"}, known_as(likes=[]))


@pytest.mark.parametrize(
    ("metric", "op", "value"),
    [
        ("orders.net_amount", "eq", 0),
        ("orders.count", "lt", 1),
        ("orders.average", "missing", None),
        ("orders.last_at", "missing", None),
        ("interactions.count", "eq", 1),
        ("feedback.nps_last", "missing", None),
        ("loyalty.points", "eq", 0),
        ("rfm.r", "missing", None),
        ("rfm.class", "missing", None),
        ("lifecycle", "missing", None),
        ("interactions.by_type.app.opened", "eq", 1),
    ],
)
def test_figures_without_orders(metric: str, op: str, value: Any) -> None:
    """`orders.count` and `orders.net_amount` are 0, averages are nothing."""
    assert held({"metric": metric, "op": op, "value": value}, opened())


def test_figures_with_orders() -> None:
    """As the dossier shows them: amounts exact, times as instants, lists by any element, RFM by its scores."""
    line = {"sku": "P-1", "category": "perfume", "quantity": 1, "amount": "9.99"}
    history = (bought("1", "9.99", 1, lines=[line]), bought("2", "10.01", 3))
    assert held({"metric": "orders.net_amount", "op": "eq", "value": 20}, *history)
    assert held({"metric": "orders.net_amount", "op": "eq", "value": "20.0"}, *history)
    assert held({"metric": "orders.average", "op": "between", "value": [10, 10]}, *history)
    assert held({"metric": "orders.categories", "op": "eq", "value": "perfume"}, *history)
    assert held({"metric": "orders.last_at", "op": "eq", "value": "2026-01-04T08:00:00+08:00"}, *history)
    assert held({"metric": "orders.last_at", "op": "within_last", "value": "8d"}, *history)
    assert not held({"metric": "orders.last_at", "op": "within_last", "value": "7d"}, *history)
    assert held({"metric": "rfm.r", "op": "eq", "value": 5}, *history)
    assert held({"metric": "rfm.class", "op": "eq", "value": "general_develop"}, *history)


def test_did_it() -> None:
    """By default at least once."""
    assert held({"event": "app.opened"}, opened())
    assert not held({"event": "page.viewed"}, opened())
    assert held({"event": "app.opened", "op": "gte", "value": 2}, opened(1), opened(2))
    assert held({"event": "app.opened", "window": {"last": "8d"}, "op": "eq", "value": 1}, opened(2), opened(3))


def test_count_over_nothing_is_0() -> None:
    """So `lt 3` holds for who never did it; and so with distinct, days and sums."""
    for measure in ({"count": True}, {"distinct": "data.sku"}, {"distinct_days": True}, {"sum": "data.total"}):
        assert held({"event": "order.completed", "measure": measure, "op": "lt", "value": 3}, opened())
        assert held({"event": "order.completed", "measure": measure, "op": "eq", "value": 0}, opened())
        assert held({"event": "order.completed", "measure": measure, "op": "exists"}, opened())


@pytest.mark.parametrize("kind", ["avg", "min", "max"])
def test_a_mean_over_nothing_is_nothing(kind: str) -> None:
    """Neither small nor other than something."""
    node: Json = {"event": "order.completed", "measure": {kind: "data.total"}}
    assert held(node | {"op": "missing"}, opened())
    assert not held(node | {"op": "lt", "value": 3}, opened())
    assert not held(node | {"op": "ne", "value": 3}, opened())


@pytest.mark.parametrize(
    ("measure", "value"),
    [
        ({"count": True}, 3),
        ({"distinct": "data.coupon"}, 2),
        ({"distinct": "data.total"}, 2),
        ({"distinct": "data.lines.sku"}, 2),
        ({"sum": "data.total"}, "40.5"),
        ({"avg": "data.total"}, "13.5"),
        ({"min": "data.total"}, 10),
        ({"max": "data.total"}, 20.5),
        ({"sum": "data.lines.amount"}, 6),
        ({"sum": "data.coupon"}, 0),
    ],
)
def test_measures(measure: Json, value: Any) -> None:
    """Over the values of all matching events; spellings of one amount, or article, are one; text adds nothing."""
    lines = [{"sku": sku, "quantity": 1, "amount": 2} for sku in ("P-1", 7, "7")]
    history = (bought("1", "10.00", 1, coupon="a", lines=lines), bought("2", 10, 2, coupon="b"), bought("3", "20.5", 3))
    assert held({"event": "order.completed", "measure": measure, "op": "eq", "value": float(value)}, *history)


def test_means_are_not_rounded() -> None:
    """A third is more than 33.3333."""
    history = [bought(str(number), total, number) for number, total in enumerate((100, 0, 0))]
    node: Json = {"event": "order.completed", "measure": {"avg": "data.total"}}
    assert held(node | {"op": "gt", "value": 33.3333}, *history)


def test_distinct_days_are_the_zones() -> None:
    """15:59 and 16:00 UTC are two days in Shanghai, and one in London."""
    late = 16 / 24
    node: Json = {"event": "app.opened", "measure": {"distinct_days": True}, "op": "gte", "value": 2}
    assert held(node, opened(late - 1 / 1440), opened(late))
    assert not held(node, opened(late - 1 / 1440), opened(late), zone="Europe/London")
    assert not held(node, opened(late), opened(late + 0.9))


def test_a_family_of_types() -> None:
    """`order.*` is every order event."""
    node: Json = {"event": "order.*", "op": "eq", "value": 2}
    assert held(node, bought("1", 5, 1), said("order.paid", "M1", 2, order_id="1", amount=5), opened())


def test_links_are_events_only_by_name() -> None:
    """In no family, and in no count but their own."""
    linked = said("customer.linked", None, 1, top={"ids": {"member_id": "M1", "phone": "+8613800138001"}})
    history = (known_as(0, city="上海"), linked)
    assert held({"event": "customer.*", "op": "eq", "value": 1}, *history)
    assert held({"event": "customer.linked", "op": "eq", "value": 1}, *history)


def test_what_was_voided_does_not_count() -> None:
    """As if it had never been."""
    node: Json = {"event": "app.opened", "op": "eq", "value": 1}
    history = (opened(1, top={"batch": "b"}), opened(2), said("event.voided", None, 3, batch="b"))
    assert held(node, *history)
    assert held(node, *history, now=at(2))


@pytest.mark.parametrize(
    ("field", "op", "value", "expected"),
    [
        ("channel", "eq", "wechat", True),
        ("channel", "ne", "wechat", False),
        ("store", "starts_with", "mall/a", True),
        ("store", "starts_with", "mall/a/7", True),
        ("store", "starts_with", "mal", False),
        ("source", "eq", "shop", True),
        ("context.campaign", "eq", "mail", True),
        ("data.lines.category", "eq", "perfume", True),
        ("data.lines.category", "ne", "perfume", False),
        ("data.lines.category", "not_in", ["food"], True),
        ("data.lines.sku", "eq", "7", True),
        ("data.total", "gte", 10, True),
        ("data.total", "eq", "10.0", True),
        ("data.gift.wrap", "eq", "red", True),
        ("data.coupon", "missing", None, True),
        ("data.coupon", "ne", "x", False),
        ("data.nothing.there", "exists", None, False),
    ],
)
def test_filters(field: str, op: str, value: Any, expected: bool) -> None:
    """On the envelope, the payload however deep, any line; on what is missing only `missing` holds."""
    lines = [
        {"sku": 7, "category": "perfume", "quantity": 1, "amount": 5},
        {"sku": "P", "category": "book", "quantity": 1, "amount": 5},
    ]
    top = {"channel": "wechat", "store": "mall/a/7", "context": {"campaign": "mail"}}
    order = bought("1", "10.00", source="shop", top=top, lines=lines, coupon=None, gift={"wrap": "red"})
    assert held({"event": "order.completed", "where": where(field, op, value)}, order) is expected


def test_all_filters_must_hold_for_the_same_event() -> None:
    """Not one for one event and one for another."""
    both = where("data.query", "eq", "tea") + where("channel", "eq", "app")
    one, other = opened(1, query="tea"), opened(2, top={"channel": "app"})
    assert not held({"event": "app.opened", "where": both}, one, other)
    assert held({"event": "app.opened", "where": both}, opened(1, query="tea", top={"channel": "app"}))


def test_whose_event_it_is() -> None:
    """An event without identifiers is its order's owner's, one with them theirs, whoever owns the order."""
    paid = [said("order.paid", who, day, order_id="1", amount=5) for who, day in ((None, 2), ("M2", 3))]
    definition: Json = {"where": {"event": "order.paid", "op": "eq", "value": 1}}
    log = written(bought("1", 5, 1), *paid)
    assert members(log, definition, ARRIVAL) == {ANN, BEN}
    assert members(log, {"where": {"order": "any"}}, ARRIVAL) == {ANN}


def test_the_contracts_example() -> None:
    """Perfume buyers of Shanghai who came back within three days, and did not complain."""
    where_: Json = {
        "all": [
            {"trait": "city", "op": "in", "value": ["上海", "杭州"]},
            {
                "event": "order.completed",
                "where": where("data.total", "gte", 100),
                "window": {"last": "30d"},
                "op": "gte",
                "value": 2,
            },
            {"not": {"event": "ticket.opened", "where": where("data.kind", "eq", "complaint")}},
            {
                "sequence": [{"event": "product.viewed"}, {"event": "order.completed", "within": "3d", "same": "sku"}],
                "window": {"last": "30d"},
            },
        ]
    }
    line = {"sku": "P-9", "quantity": 1, "amount": 268}
    history = (
        known_as(city="上海"),
        said("product.viewed", "M1", 1, sku="P-9"),
        bought("1", "268.00", 3, lines=[line]),
        bought("2", 100, 4),
    )
    complaint = said("ticket.opened", "M1", 5, ticket_id="t", kind="complaint")
    assert held(where_, *history)
    assert not held(where_, *history, complaint)
    assert not held(where_, *history, now=at(34))
