"""Whole histories: events of a few customers dealt over a log with repeats, conflicts, voids and equal times."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

from hypothesis import strategies as st

from deploy.oracle.log import firsts
from deploy.oracle.model import Json, Logged
from deploy.oracle.values import instant
from tests.strategies.customers import CIRCLES, CUSTOMERS, LINKS, PAIRS
from tests.strategies.payloads import (
    CONTACTS,
    EVENT_IDS,
    FEEDBACK,
    IDLESS,
    MESSAGES,
    ORDERS,
    PAYLOADS,
    PRODUCTS,
    SOURCES,
    STANDING,
    TICKETS,
    VISITS,
    VOIDS,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ORDERS_OF = {"app": "shop"}
FIRST_ARRIVAL = NOW - timedelta(hours=3)

# At most 20 hours ahead of now, so that wherever an event is dealt it is accepted (24 hours ahead of arrival).
AGES = (
    timedelta(hours=-20),
    timedelta(microseconds=-1),
    timedelta(0),
    timedelta(microseconds=1),
    timedelta(minutes=30),
    timedelta(hours=24),
    timedelta(hours=24, milliseconds=1),
    timedelta(days=31),
    timedelta(days=400),
)
EXTRAS: dict[str, tuple[Any, ...]] = {
    "channel": ("pos", "wechat"),
    "store": ("mall/a", "mall/a/7"),
    "batch": ("b1", "b2"),
    "context": ({"ip": "::1"}, {"campaign": "mail"}, {"campaign": ""}, {"campaign": 5}),
}
MONEY = frozenset({"total", "amount"})
ZONES = (UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-5, minutes=-30)))

# A history keeps to one theme, few sources and few customers, or its events would seldom concern each other.
THEMES: tuple[list[str], ...] = (
    list(PAYLOADS),
    [*ORDERS, "order.paid", "order.refunded", "order.completed"],
    [*ORDERS, "order.paid", "order.refunded", *["event.voided"] * 5],
    ["app.opened", "order.paid", *["event.voided"] * 4],
    [*TICKETS, "event.voided"],
    [*FEEDBACK, "event.voided"],
    [*STANDING, "customer.identified", "customer.identified", "event.voided"],
    [*VISITS, *PRODUCTS, *MESSAGES, *CONTACTS, "event.voided"],
)


# Who is who: sightings and links, and what they carry from one person to another.
ENCOUNTERS: tuple[list[str], ...] = (
    ["app.opened", "order.completed", "customer.identified"],
    ["app.opened", "order.completed", "order.refunded", "ticket.opened", *LINKS],
    ["store.visited", *LINKS, *LINKS],
    ["page.viewed", "order.paid", *LINKS, "event.voided"],
    ["message.clicked", "feedback.rated", "points.earned", "points.spent", "consent.changed", *LINKS],
)


@dataclass(frozen=True)
class Scene:
    """What one history is made of: links name only a few pairs, so that they speak of the same ones."""

    types: list[str]
    sources: list[str]
    customers: list[Json]
    pairs: list[Json]
    ages: tuple[timedelta, ...]


sources = st.lists(st.sampled_from(SOURCES), min_size=1, unique=True)
pairs = st.lists(st.sampled_from(PAIRS), min_size=1, max_size=2)
ordinary = st.builds(
    Scene,
    types=st.sampled_from(THEMES),
    sources=sources,
    customers=st.lists(st.sampled_from(CUSTOMERS), min_size=1, max_size=2),
    pairs=pairs,
    ages=st.just(AGES),
)
encounters = st.sampled_from(CIRCLES).flatmap(
    lambda circle: st.builds(
        Scene,
        types=st.sampled_from(ENCOUNTERS),
        sources=sources,
        customers=st.lists(st.sampled_from(circle), min_size=2, max_size=6),
        pairs=pairs | st.lists(st.sampled_from([ids for ids in circle if len(ids) > 1]), min_size=1, max_size=2),
        ages=st.sampled_from((AGES, AGES[2:6])),
    )
)
scenes = ordinary | encounters


@st.composite
def events(draw: st.DrawFn, scene: Scene, event_id: str) -> Json:
    """One valid native event with that id; identifiers are often missing where they may be."""
    kind = draw(st.sampled_from(scene.types))
    moment = NOW - draw(st.sampled_from(scene.ages))
    event: Json = {"event_id": event_id, "type": kind, "occurred_at": written(moment, draw(st.sampled_from(ZONES)))}
    chosen: Json | None = draw(st.sampled_from(scene.pairs if kind in LINKS else scene.customers))
    if kind in IDLESS or kind in VOIDS:
        chosen = draw(st.sampled_from((chosen, chosen, None, {})))
    optional = {key: draw(st.sampled_from((None, None, *some))) for key, some in EXTRAS.items()}
    sent = {"ids": chosen, **optional}
    return event | {"data": draw(PAYLOADS[kind])} | {key: value for key, value in sent.items() if value is not None}


def written(moment: datetime, zone: tzinfo) -> str:
    """A time as a channel in that zone writes it."""
    return moment.astimezone(zone).isoformat()


@st.composite
def respelled(draw: st.DrawFn, event: Json) -> Json:
    """The same content in other words: another offset, decimals as strings, another context, the same campaign."""
    moment = datetime.fromisoformat(event["occurred_at"])
    data = {key: f"{value}.0" if key in MONEY and is_whole(value) else value for key, value in event["data"].items()}
    context = {**event.get("context", {}), "ip": "again"}
    return event | {"occurred_at": written(moment, draw(st.sampled_from(ZONES))), "data": data, "context": context}


def is_whole(value: Any) -> bool:
    """Whether an amount was written without a decimal point."""
    return str(value).isdigit()


@st.composite
def originals(draw: st.DrawFn, scene: Scene, most: int) -> list[tuple[str, Json]]:
    """(source, event) with ids unique within their source, yet often the same across sources."""
    keys = [(source, event_id) for event_id in EVENT_IDS for source in scene.sources]
    size = draw(st.integers(1, min(most, len(keys))))
    chosen = draw(st.lists(st.sampled_from(keys), min_size=size, max_size=size, unique=True))
    return [(source, draw(events(scene, event_id))) for source, event_id in chosen]


@st.composite
def again(draw: st.DrawFn, scene: Scene, said: list[tuple[str, Json]], *, conflicts: bool) -> tuple[str, Json]:
    """One of the events sent once more: word for word, in other words, or (a conflict) with other content.

    Another campaign in the context is no conflict, yet it matters which of the two stands.
    """
    source, event = draw(st.sampled_from(said))
    ways = [st.just(event), respelled(event)]
    if conflicts:
        ways += [events(scene, event["event_id"]), st.just(event | {"context": {"campaign": "again"}})]
    return source, draw(st.one_of(ways))


@st.composite
def dealt(draw: st.DrawFn, said: list[tuple[str, Json]]) -> list[Logged]:
    """These events, in this order, appended to three partitions, some in one bundle, at times that only grow."""
    log: list[Logged] = []
    heads: dict[int, Logged] = {}
    arrival = FIRST_ARRIVAL
    for source, event in said:
        partition = draw(st.integers(0, 2))
        head = heads.get(partition)
        arrival += draw(st.sampled_from((timedelta(0), timedelta(milliseconds=1), timedelta(minutes=5))))
        if head and draw(st.booleans()):
            logged = Logged(source, event, partition, head.offset, head.index + 1, head.received_at)
        else:
            logged = Logged(source, event, partition, head.offset + 1 if head else 0, 0, arrival)
        heads[partition] = logged
        log.append(logged)
    return log


@st.composite
def histories(draw: st.DrawFn, *, conflicts: bool = True, most: int = 14) -> list[Logged]:
    """A log of up to `most` events and four repeats; without `conflicts`, every repeat is the same event."""
    scene = draw(scenes)
    said = draw(originals(scene, most))
    repeats = draw(st.lists(again(scene, said, conflicts=conflicts), max_size=4))
    return draw(dealt(draw(st.permutations(said + repeats))))


@st.composite
def permutations(draw: st.DrawFn, log: list[Logged]) -> list[Logged]:
    """The same sendings in another order of arrival; of conflicting ids the one that stood is still the first."""
    stood = {logged.key: logged.event for logged in firsts(log)}
    order = draw(st.permutations([(logged.source, logged.event) for logged in log]))
    new = draw(dealt(order))
    for first in firsts(new):
        here = new.index(first)
        there = next(i for i, one in enumerate(new) if one.key == first.key and one.event == stood[first.key])
        new[here], new[there] = replace(first, event=new[there].event), replace(new[there], event=first.event)
    return new


def moments(log: list[Logged]) -> st.SearchStrategy[datetime]:
    """Times to look at: now, and at, just before and just after everything that occurred, arrived or ended."""
    edges = {time for logged in log for time in (logged.occurred_at, logged.received_at)}
    ends = {instant(logged.data["expires_at"]) for logged in log if "expires_at" in logged.data}
    near = (timedelta(0), timedelta(microseconds=-1), timedelta(microseconds=1))
    times = sorted(edges | ends | {end - timedelta(days=30) for end in ends})
    close = st.builds(lambda edge, step: edge + step, st.sampled_from(times), st.sampled_from(near))
    return st.just(NOW) | close
