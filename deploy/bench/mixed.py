"""Definitions of mixed kinds, as a shop would have them: the same for the same seed.

Of ten in a row three are on figures and traits, four on events in windows, one on orders, one on behaviour over
time, and one is a tag or refers to others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from deploy.bench.facts import CATEGORIES, CHANNELS, CITIES, MALLS
from schemas.definitions import DefinitionKind

Json = dict[str, Any]
_DAYS = (7, 14, 30, 60, 90, 180)


@dataclass(frozen=True, slots=True)
class Mixed:
    """One definition; `body` is what is put under the key."""

    kind: DefinitionKind
    key: str
    body: Json


def mixed(count: int, seed: int) -> list[Mixed]:
    """So many definitions; each refers only to such as come before it."""
    chance = Random(seed)  # noqa: S311 -- made-up data, guards nothing
    found: list[Mixed] = []
    for number in range(count):
        key = f"bench_{number:03d}"
        make = _KINDS[number % len(_KINDS)]
        if make is not None:
            found.append(Mixed("segment", key, {"where": make(chance)}))
        elif number % 20 < 10:
            found.append(Mixed("tag", key, {"tiers": _tiers(chance)}))
        else:
            found.append(Mixed("segment", key, {"where": _referring(chance, found)}))
    return found


def _figure(chance: Random) -> Json:
    days = f"{chance.choice(_DAYS)}d"
    return chance.choice([
        {"metric": "orders.count", "op": "gte", "value": chance.randint(1, 6)},
        {"metric": "orders.net_amount", "op": "gte", "value": chance.randrange(200, 5000, 100)},
        {"metric": "orders.last_at", "op": "within_last", "value": days},
        {"metric": "interactions.count", "op": "gte", "value": chance.randint(5, 60)},
        {"metric": "feedback.csat_average", "op": "lt", "value": 3},
        {"metric": "derived.birthday", "op": "anniversary_within", "value": days},
        {"metric": "derived.age", "op": "between", "value": [20 + chance.randrange(20), 45]},
        {"metric": "rfm.class", "op": "eq", "value": chance.choice(["important_value", "general_win_back"])},
        {"metric": "rfm.m", "op": "gte", "value": chance.randint(3, 5)},
        {"metric": "lifecycle", "op": "eq", "value": chance.choice(["new", "at_risk", "lost"])},
    ])  # fmt: skip


def _trait(chance: Random) -> Json:
    cities = {"trait": "city", "op": "in", "value": sorted(chance.sample(CITIES, 3))}
    return chance.choice([cities, {"trait": "gender", "op": "eq", "value": "female"}])


def _figures(chance: Random) -> Json:
    parts = [_figure(chance), chance.choice([_trait, _figure])(chance)]
    return chance.choice([parts[0], {"all": parts}, {"all": [parts[0], {"not": parts[1]}]}])


def _window(chance: Random) -> Json:
    days = chance.choice(_DAYS)
    ago = {"between_ago": [f"{2 * days}d", f"{days}d"]}
    return chance.choice([{"last": f"{days}d"}, {"last": f"{days}d"}, ago, {"calendar": "this_month"}])


def _category(chance: Random) -> Json:
    return {"field": "data.lines.category", "op": "eq", "value": chance.choice(CATEGORIES)}


def _event(chance: Random) -> Json:
    times = {"op": "gte", "value": chance.randint(1, 4)}
    window = {"window": _window(chance)}
    bought, looked = {"event": "order.completed"}, {"event": "product.viewed"}
    mall = {"field": "store", "op": "starts_with", "value": f"mall-{chance.randrange(MALLS)}/"}
    total = {"field": "data.total", "op": "gte", "value": chance.randrange(50, 600, 50)}
    channel = {"field": "channel", "op": "eq", "value": chance.choice(CHANNELS)}
    kind = {"field": "data.category", "op": "eq", "value": chance.choice(CATEGORIES)}
    return chance.choice([
        {"event": "page.viewed", **window, **times},
        {**bought, "where": [_category(chance)], **window},
        {**bought, "where": [total], **window, **times},
        {**bought, "where": [mall], **window},
        {**bought, "measure": {"sum": "data.total"}, **window, "op": "gte", "value": chance.randrange(200, 3000, 100)},
        {**looked, "where": [kind], **window, **times},
        {**looked, "measure": {"distinct": "data.sku"}, **window, **times},
        {"event": "app.opened", "where": [channel], "measure": {"distinct_days": True}, **window, **times},
        {"event": "search.performed", **window, "op": "lt", "value": 3},
        {"last_event": "order.completed", "has": [channel]},
        {"event": "feedback.rated", "measure": {"min": "data.score"}, **window, "op": "lte", "value": 2},
    ])  # fmt: skip


def _events(chance: Random) -> Json:
    complained = {
        "event": "ticket.opened",
        "where": [{"field": "data.kind", "op": "eq", "value": "complaint"}],
        "window": {"last": "90d"},
    }
    one = _event(chance)
    return chance.choice([one, one, {"all": [one, {"not": complained}]}, {"any": [one, _event(chance)]}])


def _orders(chance: Random) -> Json:
    net = {"field": "net_amount", "op": "gte", "value": chance.randrange(50, 500, 50)}
    category = {"field": "category", "op": "eq", "value": chance.choice(CATEGORIES)}
    node = {"order": "any", "where": [chance.choice([net, category])], "window": _window(chance)}
    spent = {"measure": {"sum": "net_amount"}, "op": "gte", "value": chance.randrange(200, 2000, 100)}
    return {**node, **chance.choice([{}, spent, {"op": "gte", "value": 2}])}


def _behaviour(chance: Random) -> Json:
    days = chance.choice(_DAYS[1:5])
    late, before = {"last": f"{days}d"}, {"between_ago": [f"{2 * days}d", f"{days}d"]}
    long_ago = {"between_ago": [f"{4 * days}d", f"{2 * days}d"]}
    steps = [{"event": "product.viewed"}, {"event": "order.completed", "within": "7d"}]
    same = [{"event": "product.viewed"}, {"event": "product.added", "within": "30d", "same": "category"}]
    return chance.choice([
        {"sequence": steps, "window": {"last": f"{2 * days}d"}},
        {"sequence": same, "window": {"last": f"{4 * days}d"}},
        {"stopped": "order.completed", "earlier": before, "later": late},
        {"restarted": "app.opened", "earlier": long_ago, "middle": before, "later": late},
        {"regular": "app.opened", "times": 1, "in": 2, "of": 4, "unit": "month"},
    ])  # fmt: skip


def _tiers(chance: Random) -> list[Json]:
    high = chance.randrange(1000, 5000, 500)
    return [
        {"value": "high", "where": {"metric": "orders.net_amount", "op": "gte", "value": high}},
        {"value": "mid", "where": _events(chance)},
        {"value": "low", "where": {"metric": "orders.count", "op": "gte", "value": 1}},
    ]


def _referring(chance: Random, before: Sequence[Mixed]) -> Json:
    segments = [{"segment": each.key} for each in before if each.kind == "segment"]
    tags = [{"tag": each.key, "value": "high"} for each in before if each.kind == "tag"]
    return {"all": [chance.choice(segments), {"not": chance.choice(tags)}]}


_KINDS: tuple[Callable[[Random], Json] | None, ...] = (
    _figures, _events, _events, _orders, _figures, _events, _behaviour, _figures, _events, None,
)  # fmt: skip
