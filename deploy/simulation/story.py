"""What happens in a simulated mall, day by day: visits, what follows from them, and when.

A function of the number of customers, the seed and the first day: the same events under the same ids, so a second run
changes nothing. What comes later (a payment, a parcel, a rating, a complaint) waits in a heap; memory holds the
people and what is still to come, not the year.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from random import Random
from typing import Any

from deploy.simulation.calendar import Promotion, promotion, rush
from deploy.simulation.goods import Brand, brands
from deploy.simulation.people import Person, Truth, population
from deploy.simulation.visits import VISITS, WEIGHTS, joined

VISITS_A_YEAR = 12
"""Of an average customer."""
_SHANGHAI = timezone(timedelta(hours=8))
_BUSY_HOURS = (10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21)
_BUSY = (3, 4, 6, 5, 5, 6, 6, 7, 9, 10, 9, 5)

Event = dict[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class Happening:
    """One event and the source that says it, in the order of time."""

    at: datetime
    number: int
    source: str = field(compare=False)
    event: Event = field(compare=False)


@dataclass(slots=True)
class Story:
    """The mall and its people; whatever happens is told through `tell`."""

    chance: Random
    name: str
    people: list[Person]
    brands: tuple[Brand, ...]
    day: date
    sale: Promotion | None = None
    _number: int = 0
    _orders: int = 0
    _coming: list[Happening] = field(default_factory=list)

    def tell(self, at: datetime, source: str, kind: str, ids: dict[str, str], data: Event, **more: Any) -> None:
        """Have an event happen, now or later."""
        self._number += 1
        event = {
            "event_id": f"{self.name}-{self._number}",
            "type": kind,
            "occurred_at": at.isoformat(timespec="seconds"),
            "ids": ids,
            "data": data,
            **more,
        }
        if self.sale and source != "mall-service":
            event["context"] = {"campaign": self.sale.name}
        heapq.heappush(self._coming, Happening(at, self._number, source, event))

    def new_order(self) -> str:
        """The number of an order."""
        self._orders += 1
        return f"{self.name}-o{self._orders}"

    def moment(self) -> datetime:
        """Some moment of today's opening hours."""
        hour = self.chance.choices(_BUSY_HOURS, _BUSY)[0]
        clock = (hour, self.chance.randrange(60), self.chance.randrange(60))
        return datetime(self.day.year, self.day.month, self.day.day, *clock, tzinfo=_SHANGHAI)

    def year_day(self) -> float:
        """Days since the year began, as the people's numbers change by them."""
        return float(self.day.timetuple().tm_yday - 1)

    def until(self, end: datetime) -> Iterator[Happening]:
        """What happens before a moment, in order."""
        while self._coming and self._coming[0].at < end:
            yield heapq.heappop(self._coming)


def happenings(customers: int, seed: int, first: date, end: datetime) -> Iterator[Happening]:
    """Everything from a day on until a moment, in order."""
    chance = Random(f"{seed}/{customers}/{first}")  # noqa: S311 -- chance guards nothing here
    shops = max(3, customers // 400)
    people = population(chance, customers, shops, Truth())
    story = Story(chance, f"sim-{seed}-{customers}-{first:%y%m%d}", people, brands(chance, 2 * shops, 5), first)
    loyalty = [chance.paretovariate(1.6) for _ in people]
    reach = list(_accumulated(loyalty))
    while (midnight := datetime(story.day.year, story.day.month, story.day.day, tzinfo=_SHANGHAI)) < end:
        story.sale = promotion(story.day)
        for _ in range(_visits(chance, customers, story.day)):
            person = chance.choices(people, cum_weights=reach)[0]
            chance.choices(VISITS, WEIGHTS)[0](story, person)
        if story.day == first:
            joined(story)
        yield from story.until(min(end, midnight + timedelta(days=1)))
        story.day += timedelta(days=1)


def _visits(chance: Random, customers: int, day: date) -> int:
    expected = customers * VISITS_A_YEAR / 365 * rush(day)
    return max(0, round(chance.gauss(expected, expected**0.5)))


def _accumulated(weights: list[float]) -> Iterator[float]:
    total = 0.0
    for each in weights:
        total += min(each, 30.0)
        yield total
