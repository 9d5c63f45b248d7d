"""Behaviours in definitions: first and last, sequences, regularity, stopping and starting again."""

from typing import Any

import pytest

from deploy.oracle.model import Json
from tests.oracle.definitions.written import at, bought, held, opened
from tests.oracle.written import Said, said

RED: list[Json] = [{"field": "data.query", "op": "eq", "value": "red"}]
MINUTE = 1 / 1440


def viewed(sku: str, day: float = 1, **more: Any) -> Said:
    """Ann looks at an article."""
    return said("product.viewed", "M1", day, sku=sku, **more)


@pytest.mark.parametrize(("node", "day"), [("first_event", 1), ("last_event", 3)])
def test_only_the_first_or_last_event_is_looked_at(node: str, day: float) -> None:
    """However many others have it."""
    history = [opened(one, query="red" if one == day else "blue") for one in (1, 2, 3)]
    assert held({node: "app.opened", "has": RED}, *history)
    assert not held({node: "app.opened", "has": RED}, opened(day, query="blue"), opened(2, query="red"))


def test_where_and_window_say_which_events_there_are_a_first_of() -> None:
    """The first of those that match; `has` must hold for it; without any nothing holds."""
    missing: list[Json] = [{"field": "data.query", "op": "missing"}]
    history = (opened(1, query="blue"), opened(2, query="red", url="u"), opened(3, query="red"))
    has_url: list[Json] = [{"field": "data.url", "op": "eq", "value": "u"}]
    assert held({"first_event": "app.opened", "where": RED, "has": has_url}, *history)
    assert held({"first_event": "app.opened", "has": RED, "window": {"last": "9d"}}, *history)
    assert not held({"first_event": "app.opened", "has": RED, "window": {"last": "10d"}}, *history)
    assert not held({"first_event": "page.viewed", "has": missing}, *history)


def test_ties_are_broken_by_event_id_as_text() -> None:
    """Of two at the same time the first is e10, the last e2."""
    history = (opened(1, event_id="e2", query="blue"), opened(1, event_id="e10", query="red"))
    assert held({"first_event": "app.opened", "has": RED}, *history)
    assert not held({"last_event": "app.opened", "has": RED}, *history)


def steps(*types: str, **last: Any) -> Json:
    """A sequence of these types, the last step with more conditions."""
    *first, end = [{"event": one} for one in types]
    return {"sequence": [*first, end | last]}


def test_a_sequence_is_in_order() -> None:
    """Strictly: the same event is not two steps, nor are two of the same time and id in two sources."""
    assert held(steps("product.viewed", "app.opened"), viewed("a", 1), opened(2))
    assert not held(steps("product.viewed", "app.opened"), viewed("a", 2), opened(1))
    assert not held(steps("app.opened", "app.opened"), opened(1))
    same_time = [opened(1, event_id="e", source=source) for source in ("app", "pos")]
    assert not held(steps("app.opened", "app.opened"), *same_time)
    assert held(steps("app.opened", "app.opened"), opened(1, event_id="e1"), opened(1, event_id="e2"))


def test_steps_have_filters() -> None:
    """Each its own."""
    node: Json = {"sequence": [{"event": "app.opened", "where": RED}, {"event": "app.opened"}]}
    assert held(node, opened(1, query="red"), opened(2))
    assert not held(node, opened(1), opened(2, query="red"))


def test_any_chain_that_fits_suffices() -> None:
    """Not only the one that begins with the earliest event, nor the one that takes the next at each step."""
    node = steps("product.viewed", "product.added", "order.completed", within="1d", same="sku")
    line = {"sku": "a", "quantity": 1, "amount": 1}
    added = [said("product.added", "M1", day, sku=sku) for sku, day in (("a", 2), ("b", 2.5), ("a", 2.2))]
    assert held(node, viewed("a", 1), *added, bought("1", 1, 3.1, lines=[line]))
    assert not held(node, viewed("a", 1), *added, bought("1", 1, 3.3, lines=[line]))


@pytest.mark.parametrize(("gap", "expected"), [(1, True), (1 + MINUTE, False)])
def test_within_is_since_the_step_before(gap: float, expected: bool) -> None:
    """At most that long; the first step's distance does not matter."""
    history = (viewed("a", 0), opened(0.9), said("page.viewed", "M1", 0.9 + gap))
    node: Json = {
        "sequence": [
            {"event": "product.viewed"},
            {"event": "app.opened", "within": "1d"},
            {"event": "page.viewed", "within": "1d"},
        ]
    }
    assert held(node, *history) is expected


@pytest.mark.parametrize(
    ("lines", "more", "expected"),
    [
        (["a"], {}, True),
        (["b", "a"], {}, True),
        (["b"], {}, False),
        ([], {"sku": "a"}, True),
        ([], {}, False),
    ],
)
def test_same_is_a_field_or_that_of_any_line(lines: list[str], more: dict[str, str], expected: bool) -> None:
    """Equal to the step before's; where neither has one nothing is the same."""
    sold = [{"sku": sku, "quantity": 1, "amount": 1} for sku in lines]
    node = steps("product.viewed", "order.completed", same="sku")
    assert held(node, viewed("a", 1), bought("1", 1, 2, lines=sold, **more)) is expected
    assert not held(steps("app.opened", "order.completed", same="sku"), opened(1), bought("1", 1, 2, lines=sold))


def test_same_between_two_orders() -> None:
    """Any line of the one with any of the other; a path may be written out."""
    one = bought("1", 1, 1, lines=[{"sku": sku, "quantity": 1, "amount": 1} for sku in ("a", 7)])
    other = bought("2", 1, 2, lines=[{"sku": sku, "quantity": 1, "amount": 1} for sku in ("7", "c")])
    assert held(steps("order.completed", "order.completed", same="sku"), one, other)
    assert held(steps("order.completed", "order.completed", same="data.lines.sku"), one, other)
    assert not held(steps("order.completed", "order.completed", same="data.sku"), one, other)
    assert not held(steps("order.completed", "order.completed", same="order_id"), one, other)


@pytest.mark.parametrize(("day", "expected"), [(1.5, False), (0.5, True), (2.5, True)])
def test_without_means_between(day: float, expected: bool) -> None:
    """None of that type after the step before and before this one."""
    history = (viewed("a", 1), said("page.viewed", "M1", day), opened(2))
    assert held(steps("product.viewed", "app.opened", without="page.viewed"), *history) is expected
    assert held(steps("product.viewed", "app.opened", without="page.*"), *history) is expected


def test_another_chain_may_do_without() -> None:
    """One that begins after the interruption."""
    history = (viewed("a", 1), said("page.viewed", "M1", 1.5), viewed("b", 1.7), opened(2))
    assert held(steps("product.viewed", "app.opened", without="page.viewed"), *history)


def test_every_step_lies_in_the_window() -> None:
    """The first, too."""
    node = steps("product.viewed", "app.opened")
    assert held(node | {"window": {"last": "10d"}}, viewed("a", 1), opened(2))
    assert not held(node | {"window": {"last": "9d"}}, viewed("a", 1), opened(2))


REGULAR: Json = {"regular": "app.opened", "times": 2, "in": 2, "of": 3, "unit": "day"}


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ((9.5, 9.6, 8.5, 8.6), True),
        ((9.5, 9.6, 7.5, 7.6), True),
        ((9.5, 9.6, 8.5, 7.6), False),
        ((9.5, 9.6, 6.5, 6.6), False),
        ((9.5, 9.6, 7, 7.5), False),
        ((9.5, 9.6, 8, 7.5), True),
        ((9, 8.5, 7.5, 8), True),
        ((10, 9.5, 9, 8.5), True),
    ],
)
def test_regular(days: tuple[float, ...], expected: bool) -> None:
    """At least n in at least k of the last m units, each T - (i+1)·unit < t ≤ T - i·unit."""
    assert held(REGULAR, *map(opened, days)) is expected


@pytest.mark.parametrize(("unit", "days"), [("week", (13, 7, 0)), ("month", (59, 30, 0))])
def test_regular_in_weeks_and_months(unit: str, days: tuple[float, ...]) -> None:
    """A month is 30 days; units roll back from the moment itself."""
    node: Json = {"regular": "app.opened", "times": 1, "in": 2, "of": 2, "unit": unit}
    early, border, late = days
    assert held(node, *[opened(60 - ago) for ago in (early, late)], now=at(60))
    assert held(node, *[opened(60 - ago) for ago in (border, late)], now=at(60))
    assert not held(node, *[opened(60 - ago) for ago in (early, border)], now=at(60))


def test_regular_counts_what_passes() -> None:
    """Its filters."""
    node: Json = {"regular": "app.opened", "where": RED, "times": 1, "in": 1, "of": 1, "unit": "day"}
    assert held(node, opened(9.5, query="red"))
    assert not held(node, opened(9.5, query="blue"))


STOPPED: Json = {
    "stopped": "app.opened",
    "earlier": {"between_ago": ["6d", "3d"]},
    "later": {"last": "3d"},
}


@pytest.mark.parametrize(
    ("days", "expected"),
    [((7,), True), ((4 + MINUTE,), True), ((4,), False), ((5, 7 + MINUTE), False), ((), False), ((9,), False)],
)
def test_stopped(days: tuple[float, ...], expected: bool) -> None:
    """Did it in the earlier window, and not in the later."""
    assert held(STOPPED, viewed("a", 0), *map(opened, days)) is expected


RESTARTED: Json = {
    "restarted": "app.opened",
    "where": RED,
    "earlier": {"between_ago": ["9d", "6d"]},
    "middle": {"between_ago": ["6d", "3d"]},
    "later": {"last": "3d"},
}


@pytest.mark.parametrize(
    ("days", "expected"),
    [((3, 9), True), ((4, 9), True), ((3, 5, 9), False), ((3,), False), ((9,), False), ((5, 9), False)],
)
def test_restarted(days: tuple[float, ...], expected: bool) -> None:
    """In the earlier and the later, but not in the middle."""
    assert held(RESTARTED, viewed("a", 0), *[opened(day, query="red") for day in days]) is expected


def test_only_what_passes_stops_or_starts_again() -> None:
    """Others in the middle do not matter."""
    assert held(RESTARTED, opened(3, query="red"), opened(5, query="blue"), opened(9, query="red"))
