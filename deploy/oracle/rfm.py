"""Recency, frequency and monetary over a whole population, as CONTRACT §4 defines them and GET /v1/rfm shows them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from deploy.oracle.model import ALONE, By, Json, Logged
from deploy.oracle.orders import Order, orders
from deploy.oracle.owners import Known, known, owners
from deploy.oracle.purchases import net_of
from deploy.oracle.values import mean, number, shown_money, shown_time

KINDS = {"value": "价值", "keep": "保持", "develop": "发展", "win_back": "挽留"}
GRADES = {"important": "重要", "general": "一般"}
FIGURES = ("recency_days", "frequency", "monetary")
LABELS = {f"{grade}_{kind}": f"{GRADES[grade]}{KINDS[kind]}客户" for grade in GRADES for kind in KINDS}


@dataclass(frozen=True)
class Raw:
    """One customer's three figures, unscored."""

    recency_days: int
    frequency: int
    monetary: Decimal


@dataclass(frozen=True)
class Among:
    """Only such orders: of a store or one below it, with any line of a category, of a channel; '' for all."""

    store: str = ""
    category: str = ""
    channel: str = ""

    def takes(self, order: Order, store: str) -> bool:
        """Whether it is such an order; of the store that the latest of its events names."""
        return (
            (not self.store or f"{store}/".startswith(f"{self.store}/"))
            and (not self.category or any(line.get("category") == self.category for line in order.lines))
            and self.channel in ("", order.channel)
        )


ALL = Among()


def raws(view: Known, currency: str, among: Among = ALL) -> dict[str, Raw]:
    """The figures of every person with such a counted order, by root; those without have no RFM."""
    stores = {event.key: event.event["store"] for event in view.facts if event.event.get("store")}
    bought: defaultdict[str, list[Order]] = defaultdict(list)
    for order in orders(view, currency):
        store = next((stores[key] for key in reversed(order.events) if key in stores), "")
        if order.owner and order.counts and among.takes(order, store):
            bought[order.owner].append(order)
    return {owner: raw(bought[owner], view.moment, currency) for owner in sorted(bought)}


def raw(counted: list[Order], moment: datetime, currency: str) -> Raw:
    """One customer's figures from the counted orders, of which there is at least one."""
    last = max(order.counted_at for order in counted if order.counted_at)
    return Raw((moment - last) // timedelta(days=1), len(counted), net_of(counted, currency))


def boundaries(values: Iterable[Decimal]) -> list[Decimal]:
    """The four quintile boundaries: the smallest value that at least q·n of the n values do not exceed."""
    ranked = sorted(values)
    least = [-(-quintile * len(ranked) // 5) for quintile in (1, 2, 3, 4)]
    return [ranked[count - 1] for count in least] if ranked else []


def score(value: Decimal, bounds: list[Decimal]) -> int:
    """1 to 5: one more than the boundaries strictly below the value, so ties share a score."""
    return 1 + sum(bound < value for bound in bounds)


@dataclass(frozen=True)
class Yardstick:
    """What one figure of a customer is compared with: the whole population's boundaries, sum and size.

    `above` is by value the sum of all that are greater.
    """

    bounds: list[Decimal]
    total: Decimal
    size: int
    above: Mapping[Decimal, Decimal]

    def exceeded_by(self, value: Decimal) -> bool:
        """Whether the value is above the mean, without rounding it."""
        return value * self.size > self.total

    def percent_before(self, value: Decimal) -> int:
        """In which hundredth of the sum the value lies when the greatest are summed up first: 1 to 100."""
        return min(100, 1 + int(self.above[value] * 100 // self.total)) if self.total else 1

    def mean(self) -> int | float | None:
        """The mean as shown: a number of at most 4 decimals."""
        average = mean(self.total, self.size)
        return None if average is None else number(average)


def yardsticks(population: Iterable[Raw]) -> dict[str, Yardstick]:
    """One for each figure, by its name."""
    raws = list(population)
    columns = {name: [Decimal(getattr(raw, name)) for raw in raws] for name in FIGURES}
    return {
        name: Yardstick(boundaries(column), sum(column, Decimal(0)), len(raws), above(column))
        for name, column in columns.items()
    }


def above(column: list[Decimal]) -> dict[Decimal, Decimal]:
    """By value: the sum of all that are greater."""
    sums: dict[Decimal, Decimal] = {}
    total = Decimal(0)
    for value in sorted(column, reverse=True):
        sums.setdefault(value, total)
        total += value
    return sums


def classes(figures: Mapping[str, Raw]) -> dict[str, str]:
    """Everybody's class, by root."""
    sticks = yardsticks(figures.values())
    return {root: class_of(raw, sticks) for root, raw in figures.items()}


def class_of(raw: Raw, sticks: dict[str, Yardstick]) -> str:
    """One of the eight: high in money is important; recent is days not above the mean, frequent is above it."""
    grade = "important" if sticks["monetary"].exceeded_by(raw.monetary) else "general"
    recent = not sticks["recency_days"].exceeded_by(Decimal(raw.recency_days))
    frequent = sticks["frequency"].exceeded_by(Decimal(raw.frequency))
    kind = {(True, True): "value", (False, True): "keep", (True, False): "develop", (False, False): "win_back"}
    return f"{grade}_{kind[recent, frequent]}"


@dataclass(frozen=True)
class Scored:
    """One customer's figures, scores, place in the ABC of net amounts, and class; a `key` is the class's."""

    raw: Raw
    r: int
    f: int
    m: int
    share_percent: int
    key: str


def scored(raw: Raw, sticks: dict[str, Yardstick]) -> Scored:
    """Recency is scored in reverse: the fewer days, the higher."""
    return Scored(
        raw,
        r=6 - score(Decimal(raw.recency_days), sticks["recency_days"].bounds),
        f=score(Decimal(raw.frequency), sticks["frequency"].bounds),
        m=score(raw.monetary, sticks["monetary"].bounds),
        share_percent=sticks["monetary"].percent_before(raw.monetary),
        key=class_of(raw, sticks),
    )


def scores(
    log: Iterable[Logged],
    now: datetime,
    *,
    as_of: datetime | None = None,
    by: By = "occurred_at",
    currency: str = "CNY",
    orders_of: Mapping[str, str] = ALONE,
) -> dict[str, Json]:
    """Per person (root) the dossier's `rfm` section (without `boundaries_at`), for all who have one."""
    figures = raws(known(log, as_of or now, by, orders_of), currency)
    sticks = yardsticks(figures.values())
    return {root: shown(scored(raw, sticks), currency) for root, raw in figures.items()}


def shown(one: Scored, currency: str) -> Json:
    """The dossier's `rfm` section."""
    return {
        "recency_days": one.raw.recency_days,
        "frequency": one.raw.frequency,
        "monetary": shown_money(one.raw.monetary, currency),
        "r": one.r,
        "f": one.f,
        "m": one.m,
        "share_percent": one.share_percent,
        "class": one.key,
        "label": LABELS[one.key],
    }


def rfm(
    log: Iterable[Logged],
    now: datetime,
    *,
    as_of: datetime | None = None,
    by: By = "occurred_at",
    currency: str = "CNY",
    orders_of: Mapping[str, str] = ALONE,
    among: Among = ALL,
) -> Json:
    """What GET /v1/rfm answers, freshness aside; all eight classes are listed, of cells only those with customers."""
    moment = as_of or now
    figures = raws(known(log, moment, by, orders_of), currency, among).values()
    sticks = yardsticks(figures)
    customers = [scored(raw, sticks) for raw in figures]
    cells = sorted({(one.r, one.f) for one in customers})
    return {
        "as_of": shown_time(moment),
        **group(customers, currency),
        "orders": sum(one.raw.frequency for one in customers),
        "boundaries": {
            name: [shown_figure(name, bound, currency) for bound in sticks[name].bounds] for name in FIGURES
        },
        "means": {name: sticks[name].mean() for name in FIGURES},
        "cells": [
            {"r": r, "f": f} | group([one for one in customers if (one.r, one.f) == (r, f)], currency) for r, f in cells
        ],
        "classes": [
            {"key": key, "label": LABELS[key]} | group([one for one in customers if one.key == key], currency)
            for key in sorted(LABELS)
        ],
    }


def group(customers: list[Scored], currency: str) -> Json:
    """How many customers, and what they brought in."""
    net = sum((one.raw.monetary for one in customers), Decimal(0))
    return {"customers": len(customers), "net_amount": shown_money(net, currency)}


def shown_figure(name: str, bound: Decimal, currency: str) -> Any:
    """A boundary as shown: money as a string, days and orders as integers."""
    return shown_money(bound, currency) if name == "monetary" else int(bound)


Move = tuple[str | None, str | None]


def migration(
    log: Iterable[Logged],
    earlier: datetime,
    later: datetime,
    *,
    by: By = "occurred_at",
    currency: str = "CNY",
    orders_of: Mapping[str, str] = ALONE,
) -> dict[Move, tuple[int, Decimal]]:
    """Customers by class before and after, None for none, and what they had brought in by the later moment.

    Both populations are made of the later moment's persons.
    """
    views = [known(log, moment, by, orders_of) for moment in (earlier, later)]
    people = views[1].people
    before, after = (
        raws(replace(view, people=people, owners=owners(view.facts, people, orders_of)), currency) for view in views
    )
    was, became = classes(before), classes(after)
    moves: defaultdict[Move, tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    for root in {*was, *became}:
        number, net = moves[was.get(root), became.get(root)]
        moves[was.get(root), became.get(root)] = (
            number + 1,
            net + (after[root].monetary if root in after else Decimal(0)),
        )
    return dict(moves)
