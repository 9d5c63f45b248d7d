"""Counts over spans of time, and explanations that say until when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from api.counting import filled
from api.explanation_view import by_hand, tree
from api.flipping import Seen, walk
from api.spans import spans
from schemas.definitions import parse

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
WHERE = {"metric": "orders.count", "op": "gte", "value": 1}


@pytest.mark.parametrize(
    ("every", "begins"),
    [
        ("hour", ["2026-03-29T00:00", "2026-03-29T01:00", "2026-03-29T02:00"]),
        ("day", ["2026-03-28T23:00", "2026-03-29T22:00"]),
        ("week", ["2026-03-22T23:00", "2026-03-29T22:00"]),
        ("month", ["2026-02-28T23:00", "2026-03-31T22:00"]),
    ],
)
def test_spans_are_those_of_the_zone(every: Any, begins: list[str]) -> None:
    """In Berlin the clock goes forward on 29 March 2026 at 01:00 UTC: that day has 23 hours."""
    start = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    found = spans(start, datetime(2026, 4, 30, tzinfo=UTC), every, "Europe/Berlin")
    assert [f"{each:%Y-%m-%dT%H:%M}" for each, _ in zip(found, begins, strict=False)] == begins


def test_a_span_without_changes_has_a_count() -> None:
    """That of the one before it; before the first there is nobody."""
    days = [datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 7)]
    rows = [
        {"begins": days[0], "count": 5, "entered": 5, "left": 0},
        {"begins": days[3], "count": 4, "entered": 1, "left": 2},
    ]
    assert [each["count"] for each in filled(days[2:5], rows)] == [5, 4, 4]
    assert [each["left"] for each in filled(days[2:5], rows)] == [0, 2, 0]
    assert [each["count"] for each in filled(days[:1], [])] == [0]


def seen(day: int, value: object, edge: int | None, *holds: bool) -> Seen:
    """A customer on a day of January, of whom two clauses hold or not; it may change on the day of the edge."""
    when = None if edge is None else datetime(2026, 1, edge, tzinfo=UTC)
    clauses = [{"kind": "event", "holds": each, "edge": when and "then", "path": ""} for each in holds]
    whole = {"kind": "all", "holds": all(holds), "edge": when and "then", "path": "", "clauses": clauses}
    return Seen(datetime(2026, 1, day, tzinfo=UTC), "p", value, [whole], when)


AHEAD = {2: seen(2, True, 3, True, True), 3: seen(3, None, 9, False, True), 9: seen(9, None, None, False, False)}


def test_every_clause_says_when_it_flips() -> None:
    """An edge at which nothing changes is passed over; the whole flips with the first clause."""
    flips = walk(seen(1, True, 2, True, True), lambda moment: AHEAD[moment.day], lambda: True)
    assert [each and each.day for each in flips.of_nodes] == [3, 3, 9]
    assert (flips.whole and flips.whole.day, flips.looked_until) == (3, None)
    definition = parse({"where": {"all": [WHERE, WHERE]}}, "segment", "s")
    shown = tree(definition, seen(1, True, 2, True, True).trees, True, flips.of_nodes)
    assert [each["flips_at"] for each in [shown, *shown["clauses"]]] == [
        "2026-01-03T00:00:00Z", "2026-01-03T00:00:00Z", "2026-01-09T00:00:00Z",
    ]  # fmt: skip


def test_an_end_of_patience_is_told() -> None:
    """What has not flipped by then may still do so later."""
    looks = iter([True, False])
    flips = walk(seen(1, True, 2, True, True), lambda moment: AHEAD[moment.day], lambda: next(looks))
    assert (flips.whole, flips.looked_until) == (None, datetime(2026, 1, 3, tzinfo=UTC))


def test_what_time_does_not_change_never_flips() -> None:
    """Nothing is looked at."""
    flips = walk(seen(1, True, None, True, True), AHEAD.__getitem__, lambda: False)  # type: ignore[arg-type]
    assert flips.shown() == {"flips_at": None, "looked_until": None}


def test_tiers_and_hands_are_explained() -> None:
    """A tier is a clause; a manual tag says who set it."""
    tag = parse({"tiers": [{"value": "a", "where": WHERE}, {"value": "b", "where": WHERE}]}, "tag", "t")
    leaf = {"kind": "metric", "path": "/tiers/0/where", "holds": False, "edge": None}
    shown = tree(tag, [leaf, {**leaf, "holds": True}], "b", [None, None])
    assert [(each["value"], each["holds"]) for each in shown["clauses"]] == [("a", False), ("b", True)]
    row = {"address": "phone:1", "value": '"x"', "until": None, "author": "ann", "received_at": SINCE, "version": 3}
    told = by_hand(parse({"manual": True}, "tag", "t"), "x", [row, {**row, "value": "", "version": 4}])
    assert [(each["value"], each["author"]) for each in told["assigned"]] == [(None, "ann"), ("x", "ann")]
    assert by_hand(parse({"value_of": "orders.count"}, "tag", "t"), 3, [])["value"] == 3
