"""The made-up mall: the same by its seed, in order, every event one that ingest takes, and like a mall."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice

import orjson
import pytest

from deploy.simulation.calendar import promotion, rush
from deploy.simulation.story import Happening, happenings
from schemas.door import Door
from schemas.event import Event
from schemas.sources import Source

FIRST = date(2026, 1, 1)
END = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def year() -> list[Happening]:
    """Eleven months of a hundred people."""
    return list(happenings(100, 7, FIRST, END))


@pytest.fixture(scope="module")
def admitted(year: list[Happening]) -> list[Event]:
    """The same as ingest takes it; it refuses nothing."""
    door = Door("CN")
    return [door.admit(orjson.dumps(each.event), Source(each.source), END) for each in year]


def test_the_same_seed_is_the_same_mall(year: list[Happening]) -> None:
    """Event by event, also when it is asked for less; another seed is another, under other ids."""
    assert [each.event for each in happenings(100, 7, FIRST, END)] == [each.event for each in year]
    assert [each.event for each in islice(happenings(100, 7, FIRST, END), 50)] == [each.event for each in year[:50]]
    other = {each.event["event_id"] for each in islice(happenings(100, 8, FIRST, END), 50)}
    assert other.isdisjoint(each.event["event_id"] for each in year)


def test_everything_happens_in_order_and_before_the_end(year: list[Happening]) -> None:
    """So it can be sent as it comes; ids are unique."""
    times = [each.at for each in year]
    assert times == sorted(times)
    assert times[-1] < END
    assert len({each.event["event_id"] for each in year}) == len(year)


def test_orders_hold_together(admitted: list[Event]) -> None:
    """Paid is what was placed, not cancelled; refunds are of orders that count, and never above the total."""
    placed = {each.thing: Decimal(each.data["total"]) for each in admitted if each.type == "order.placed"}
    done = {each.thing: Decimal(each.data["total"]) for each in admitted if each.type == "order.completed"}
    paid = {each.thing: Decimal(each.data["amount"]) for each in admitted if each.type == "order.paid"}
    cancelled = {each.thing for each in admitted if each.type == "order.cancelled"}
    assert paid
    assert all(placed[thing] == amount for thing, amount in paid.items())
    assert cancelled.isdisjoint(paid)
    counting = {**done, **paid}
    refunded = [each for each in admitted if each.type == "order.refunded"]
    assert refunded
    assert all(Decimal(each.data["amount"]) <= counting[each.thing] for each in refunded)


def test_all_that_belongs_to_a_mall_happens(admitted: list[Event]) -> None:
    """Nothing of the story is left out for lack of people."""
    types = Counter(each.type for each in admitted)
    story = ("customer.identified", "page.viewed", "app.opened", "product.added", "order.completed", "order.paid",
             "order.shipped", "order.cancelled", "order.refunded", "feedback.rated", "ticket.opened",
             "ticket.resolved", "points.earned", "service.contacted", "store.visited", "consent.changed")  # fmt: skip
    assert [name for name in story if not types[name]] == []
    assert types["product.viewed"] > types["order.completed"] > types["ticket.opened"]


def test_a_sale_is_busier_than_the_week_before() -> None:
    """And has a name, which its events carry as campaign."""
    sale = promotion(date(2026, 11, 11))
    assert sale is not None
    assert sale.name == "double-11"
    assert promotion(date(2026, 11, 4)) is None
    assert rush(date(2026, 11, 11)) > 2 * rush(date(2026, 11, 4))
    assert rush(date(2026, 10, 2)) > rush(date(2026, 10, 16))
    assert rush(date(2026, 2, 18)) < rush(date(2026, 2, 4))
