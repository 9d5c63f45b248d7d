"""Refunds of one order: which there are, and which lines of the order they give back."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from deploy.oracle.model import Json, Logged
from deploy.oracle.values import amount


@dataclass(frozen=True)
class Refund:
    """One refund, as its latest event says it."""

    refund_id: str
    amount: Decimal
    occurred_at: datetime
    reason: str | None
    lines: tuple[Json, ...]


def refunds_of(events: list[Logged]) -> tuple[Refund, ...]:
    """One per refund_id, in order of (occurred_at, refund_id); `events` are the order's, in time."""
    latest = {str(event.data["refund_id"]): event for event in events if event.type == "order.refunded"}
    found = [
        Refund(
            refund_id,
            amount(event.data["amount"]),
            event.occurred_at,
            event.data.get("reason"),
            tuple(event.data.get("lines") or ()),
        )
        for refund_id, event in latest.items()
    ]
    return tuple(sorted(found, key=lambda refund: (refund.occurred_at, refund.refund_id)))


def given_back(lines: list[Json], refunds: tuple[Refund, ...]) -> tuple[Decimal, ...]:
    """What each line of the order gave back: refunded lines fill those of their sku in order, up to its amount."""
    returned = [Decimal(0)] * len(lines)
    for refunded in [line for refund in refunds for line in refund.lines]:
        left = amount(refunded["amount"])
        for number, line in enumerate(lines):
            if str(line["sku"]) == str(refunded["sku"]):
                taken = min(left, amount(line["amount"]) - returned[number])
                returned[number] += taken
                left -= taken
    return tuple(returned)
