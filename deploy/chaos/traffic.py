"""What clients send: events of a few customers, each with several identifiers, the same for the same seed."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

Json = dict[str, Any]
CUSTOMERS = 8
_BROWSERS = 6
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_MINUTES = 60 * 24 * 60
_KINDS = ("view", "buy", "refund", "identify", "rate", "earn", "void")
_WEIGHTS = (40, 30, 6, 8, 6, 6, 4)
SOURCES = ("pos", "shop")
SPENDERS = {"event": "order.completed", "measure": {"sum": "data.total"}, "op": "gte"}
SEGMENTS: dict[str, Json] = {
    "chaos_regulars": {"where": {"event": "order.completed", "op": "gte", "value": 4}},
    "chaos_spenders": {"where": {**SPENDERS, "value": 2000}},
    "chaos_seekers": {"where": {"sequence": [{"event": "product.viewed"}, {"event": "order.*", "within": "2d"}]}},
    "chaos_happy": {
        "where": {
            "all": [
                {"metric": "feedback.nps_last", "op": "gte", "value": 7},
                {"not": {"trait": "city", "op": "eq", "value": "上海"}},
            ]
        }
    },
}
TAGS: dict[str, Json] = {
    "chaos_worth": {
        "tiers": [
            {"value": "high", "where": {"metric": "orders.net_amount", "op": "gte", "value": 3000}},
            {"value": "some", "where": {"metric": "orders.net_amount", "op": "gt", "value": 0}},
        ]
    }
}
"""Definitions that hold by events alone, whatever time it is and whoever else there is."""


class Traffic:
    """The events of one source. Customers come in cohorts, whose events concern nobody of another."""

    def __init__(self, source: str, seed: int) -> None:
        self._source = source
        self._chance = Random(f"{source}{seed}")  # noqa: S311 -- guards nothing
        self._number = 0
        self._orders: dict[int, list[tuple[str, str, int]]] = defaultdict(list)
        self._said: dict[int, list[Json]] = defaultdict(list)

    def batch(self, cohort: int, size: int) -> tuple[list[Json], set[str]]:
        """New events, maybe with one that was acknowledged before, or one that contradicts such a one: its id."""
        events = [self._event(cohort) for _ in range(size)]
        said, conflicting = self._said[cohort], set[str]()
        if said and self._chance.random() < 0.3:
            events.append(self._chance.choice(said))
        if said and self._chance.random() < 0.1 and (known := self._chance.choice(said))["type"] != "event.voided":
            events.append({**known, "ids": {"member_id": f"c{cohort}-impostor"}, "channel": "elsewhere"})
            conflicting.add(known["event_id"])
        return events, conflicting

    def acknowledged(self, cohort: int, events: list[Json]) -> None:
        """These are in the log."""
        known = {each["event_id"] for each in self._said[cohort]}
        self._said[cohort] += [each for each in events if each["event_id"] not in known]

    def one(self, cohort: int, name: str) -> Json:
        """One event of a customer of the cohort, with this id."""
        return self._made(name, "product.viewed", {"member_id": f"c{cohort}-{self._source}-0"}, {"sku": "P-1"})

    def _event(self, cohort: int) -> Json:
        self._number += 1
        kind = self._chance.choices(_KINDS, _WEIGHTS)[0]
        customer = self._chance.randrange(CUSTOMERS)
        member = f"c{cohort}-{self._source}-{customer}"
        name = f"{self._source}-{cohort}-{self._number}"
        if kind == "refund" and self._orders[cohort]:
            return self._refund(name, cohort)
        if kind == "void" and self._said[cohort]:
            target = self._chance.choice(self._said[cohort])["event_id"]
            return self._made(name, "event.voided", {}, {"event_id": target})
        if kind == "buy":
            return self._purchase(name, cohort, member)
        return self._behaviour(name, kind, member)

    def _purchase(self, name: str, cohort: int, member: str) -> Json:
        cents = self._chance.randrange(100, 90_000)
        self._orders[cohort].append((name, member, cents))
        total = f"{cents / 100:.2f}"
        lines = [{"sku": "P-9", "category": self._chance.choice(("perfume", "shoes")), "quantity": 1, "amount": total}]
        return self._made(
            name, "order.completed", {"member_id": member}, {"order_id": name, "total": total, "lines": lines}
        )

    def _refund(self, name: str, cohort: int) -> Json:
        order, _, cents = self._chance.choice(self._orders[cohort])
        amount = f"{self._chance.randrange(1, cents) / 100:.2f}"
        return self._made(
            name, "order.refunded", {}, {"order_id": order, "refund_id": name, "currency": "CNY", "amount": amount}
        )

    def _behaviour(self, name: str, kind: str, member: str) -> Json:
        chance = self._chance
        browser = f"{member}-{chance.randrange(_BROWSERS)}"
        ids = chance.choice(({"member_id": member}, {"member_id": member, "anonymous_id": browser}))
        if kind == "identify":
            traits = {"city": chance.choice(("上海", "杭州", "北京")), "name": chance.choice(("王芳", "李伟"))}
            return self._made(name, "customer.identified", ids, {"traits": traits})
        if kind == "rate":
            return self._made(name, "feedback.rated", ids, {"scale": "nps", "score": chance.randrange(11)})
        if kind == "earn":
            return self._made(name, "points.earned", ids, {"points": chance.randrange(1, 500)})
        anyone = chance.choice((ids, {"anonymous_id": browser}))
        return self._made(name, "product.viewed", anyone, {"sku": f"P-{chance.randrange(9)}"})

    def _made(self, name: str, kind: str, ids: Json, data: Json) -> Json:
        moment = _BEGIN + timedelta(minutes=self._chance.randrange(_MINUTES))
        made = {"event_id": name, "type": kind, "occurred_at": moment.isoformat(), "ids": ids, "data": data}
        return made if ids else {key: value for key, value in made.items() if key != "ids"}
