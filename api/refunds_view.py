"""The refunds of an order, and which of its lines they gave back. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

from api.provenance import parts, provenance

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refund:
    """One refund, as it was said last."""

    refund_id: str
    occurred_at: datetime
    amount: Decimal
    reason: str | None
    lines: Sequence[Line]


def refunds(said: Iterable[Any]) -> list[Refund]:
    """One for each refund_id, its latest event; by (occurred_at, refund_id). `said` are (pos, data) of all events."""
    latest = {}
    for pos, text in sorted(map(parts, said)):
        data = orjson.loads(text)
        lines = data.get("lines") or []
        amount = Decimal(str(data["amount"]))
        at = provenance(pos).occurred_at
        latest[data["refund_id"]] = Refund(data["refund_id"], at, amount, data.get("reason"), lines)
    return sorted(latest.values(), key=lambda refund: (refund.occurred_at, refund.refund_id))


def given_back(lines: Sequence[Line], given: Iterable[Refund]) -> list[Decimal]:
    """How much of each line was given back.

    Refund lines fill the order's lines of their sku, in order, each up to its amount; what finds no room is of no line.
    """
    taken = [Decimal(0)] * len(lines)
    for refund in given:
        for line in refund.lines:
            rest = Decimal(line["amount"])
            for place, ordered in enumerate(lines):
                if ordered["sku"] == line["sku"]:
                    part = min(rest, Decimal(ordered["amount"]) - taken[place])
                    taken[place] += part
                    rest -= part
    return taken


def unallocated(given: Iterable[Refund], taken: Iterable[Decimal], total: Decimal) -> Decimal:
    """What was given back of no line, as when only an amount was said."""
    whole = min(sum((refund.amount for refund in given), Decimal(0)), total)
    return max(whole - sum(taken, Decimal(0)), Decimal(0))
