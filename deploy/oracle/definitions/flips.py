"""When a definition's outcome for a person changes by itself: every moment that could matter is tried, in order."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from deploy.oracle.definitions.behaviours import UNITS
from deploy.oracle.definitions.clock import DURATION, Clock, day_of, duration, time_of
from deploy.oracle.definitions.conditions import holds
from deploy.oracle.definitions.facts import World
from deploy.oracle.definitions.windows import ONE_DAY
from deploy.oracle.model import ALONE, By, Json, Logged
from deploy.oracle.owners import known
from deploy.oracle.standing import SOON

STEP = timedelta(microseconds=1)
HORIZON = timedelta(days=400)
FOREVER = datetime(9000, 1, 1, tzinfo=UTC)
OLDEST = 121
AT_MIDNIGHT = frozenset({"calendar", "anniversary_within"})
At = Callable[[datetime], World]


def flips(
    everyone: World, root: str, node: Json, at: At | None = None, *, horizon: timedelta = HORIZON
) -> datetime | None:
    """The first moment after the world's at which the node holds for the person and did not, or the reverse.

    `at` is the world of a later moment; without it only time moves and no fact is added (`standing_still`). What the
    calendar and days since orders do is followed up to the horizon, all else without end.
    """
    later = at or standing_still(everyone)
    before = holds(everyone.person(root), node)
    for moment in candidates(everyone, later(FOREVER), node, horizon):
        world = later(moment)
        if holds(world.person(world.view.people.root(root) or root), node) != before:
            return moment
    return None


def standing_still(everyone: World) -> At:
    """The same facts at a later moment."""
    return lambda moment: World(replace(everyone.view, moment=moment), everyone.settings)


def coming(
    everyone: World, log: Iterable[Logged], *, by: By = "occurred_at", orders_of: Mapping[str, str] = ALONE
) -> At:
    """With the events dated ahead; of `by="received_at"` those the world's moment had received."""
    received = [event for event in log if by == "occurred_at" or event.received_at <= everyone.view.moment]
    return lambda moment: World(known(received, moment, "occurred_at", orders_of), everyone.settings)


def candidates(everyone: World, last: World, node: Json, horizon: timedelta) -> list[datetime]:
    """All moments after now at which anything may change, each with those a microsecond before and after."""
    names = set(mentioned(node, everyone))
    edges = set(borders(last, names | {f"{count * unit.days}d" for count, unit in units(node, everyone)}))
    if not AT_MIDNIGHT.isdisjoint(names):
        edges |= set(midnights(everyone.clock, horizon))
    if any(name.startswith(("derived.", "trait_details.")) for name in names):
        edges |= set(birthdays(last, everyone.clock))
    if any(name.startswith("rfm.") for name in names):
        edges |= set(days_since_orders(last, everyone.clock, horizon))
    near = {edge + step for edge in edges for step in (-STEP, timedelta(0), STEP)}
    return sorted(moment for moment in near if moment > everyone.view.moment)


def parts(part: Any, everyone: World) -> Iterator[Any]:
    """The definition's parts, however deep, and those of the segments and tags it refers to."""
    yield part
    if isinstance(part, list):
        for one in part:
            yield from parts(one, everyone)
    if isinstance(part, dict):
        for name, one in part.items():
            yield from parts([name, one], everyone)
        for kind, library in everyone.settings.definitions.items():
            key = "lifecycle" if kind == "tag" and part.get("metric") == "lifecycle" else part.get(kind)
            if isinstance(key, str) and key in library:
                yield from parts(library[key], everyone)


def mentioned(node: Json, everyone: World) -> Iterator[str]:
    """Every word of the definition."""
    return (part for part in parts(node, everyone) if isinstance(part, str))


def units(node: Json, everyone: World) -> Iterator[tuple[int, timedelta]]:
    """How far back each of the units of a `regular` reaches."""
    for part in parts(node, everyone):
        if isinstance(part, dict) and "regular" in part:
            yield from ((count, UNITS[part["unit"]]) for count in range(1, part["of"] + 1))


def borders(last: World, names: set[str]) -> Iterator[datetime]:
    """Each time that facts name, and that time earlier or later by each length of time the definition speaks of."""
    lengths = {duration(name) for name in names if DURATION.fullmatch(name)} | {SOON, timedelta(0)}
    for time in set(times(last)):
        for length in lengths:
            yield time + length
            yield time - length


def times(last: World) -> Iterator[datetime]:
    """When events occurred, and what their payloads say of time."""
    for event in last.view.facts:
        yield event.occurred_at
        yield from (time for value in values(event.data) if (time := time_of(value, last.clock)))


def values(part: Any) -> Iterator[Any]:
    """Every value within a payload, however deep."""
    if isinstance(part, dict | list):
        for one in part.values() if isinstance(part, dict) else part:
            yield from values(one)
    else:
        yield part


def midnights(clock: Clock, horizon: timedelta) -> Iterator[datetime]:
    """The beginnings of the days to come."""
    return (clock.midnight(clock.today + ahead * ONE_DAY) for ahead in range(1, horizon.days + 1))


def birthdays(last: World, clock: Clock) -> Iterator[datetime]:
    """The days that payloads name, in each year until nobody is believed to be that old, with the days around them."""
    said = (day_of(value, clock) for event in last.view.facts for value in values(event.data))
    for month, day in {(one.month, one.day) for one in said if one}:
        for year in range(clock.today.year, clock.today.year + OLDEST + 1):
            for shift in (day - 2, day - 1, day):
                yield clock.midnight(date(year, month, 1) + shift * ONE_DAY)


def days_since_orders(last: World, clock: Clock, horizon: timedelta) -> Iterator[datetime]:
    """Whole days since orders: everybody's, since RFM compares all with all."""
    for order in last.orders:
        if order.counted_at:
            since = max((clock.moment - order.counted_at) // ONE_DAY, 0)
            yield from (order.counted_at + days * ONE_DAY for days in range(since, since + horizon.days + 1))
