"""Rows as the API shows them: events and orders. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson

from api.figures import time
from api.provenance import parts
from api.refunds_view import Refund, given_back, refunds, unallocated
from projections.database import Row
from schemas.money import format_money
from schemas.times import format_time

_MONEY = ("total", "amount", "discount", "shipping", "price")
_WITH_MONEY = ("order.", "product.")


def event(row: Row, currency: str) -> dict[str, Any]:
    """One event of a timeline; `currency` is the platform's, for amounts that came without one."""
    return {
        "event_id": row["event_id"],
        "source": row["source"],
        "type": row["type"],
        "occurred_at": format_time(row["occurred_at"]),
        "received_at": format_time(row["received_at"]),
        "channel": row["channel"] or None,
        "store": row["store"] or None,
        "data": _data(row["type"], orjson.loads(row["data"]), currency),
    }


def _data(kind: str, data: dict[str, Any], currency: str) -> dict[str, Any]:
    return with_money(data, data.get("currency") or currency) if kind.startswith(_WITH_MONEY) else data


def with_money(data: dict[str, Any], currency: str) -> dict[str, Any]:
    """The data with its amounts, and those of its lines, written with the currency's minor digits."""
    shown = {
        name: format_money(Decimal(value), currency) if name in _MONEY and isinstance(value, str) else value
        for name, value in data.items()
    }
    if isinstance(lines := shown.get("lines"), list):
        shown["lines"] = [with_money(line, currency) for line in lines]
    return shown


def order(row: Row) -> dict[str, Any]:
    """One order; its key is order:{source}/{order_id}."""
    source, _, order_id = row["key"].removeprefix("order:").partition("/")
    currency = row["currency"]
    given = refunds(row["refunds_said"])
    lines = orjson.loads(row["order_lines"] or "[]")
    taken = given_back(lines, given)
    return {
        "order_id": order_id,
        "source": source,
        "state": row["state"],
        "total": format_money(row["total"], currency),
        "refunded": format_money(row["refunded"], currency),
        "net": format_money(row["net"], currency),
        "currency": currency,
        "counted_at": time(row["counted_at"]),
        "counts": bool(row["counts"]),
        "over_refunded": bool(row["over_refunded"]),
        "flags": ["over_refunded"] if row["over_refunded"] else [],
        "discount": None if row["discount"] is None else format_money(row["discount"], currency),
        "coupon": row["coupon"] or None,
        "channel": row["channel"] or None,
        "store": row["store"] or None,
        "lines": [_line(line, back, currency) for line, back in zip(lines, taken, strict=True)],
        "refund_count": len(given),
        "refunds": [_refund(each, currency) for each in given],
        "unallocated_refund": format_money(unallocated(given, taken, row["total"]), currency),
        "events": [
            {"event_id": event_id, "source": event_source, "type": kind, "occurred_at": format_time(occurred_at)}
            for occurred_at, event_id, event_source, kind in map(parts, row["order_events"])
        ],
    }


def _line(line: dict[str, Any], given_back: Decimal, currency: str) -> dict[str, Any]:
    """One line, with what of it was given back and what is left."""
    return {
        **with_money(line, currency),
        "refunded": format_money(given_back, currency),
        "net": format_money(Decimal(line["amount"]) - given_back, currency),
    }


def _refund(refund: Refund, currency: str) -> dict[str, Any]:
    return {
        "refund_id": refund.refund_id,
        "amount": format_money(refund.amount, currency),
        "occurred_at": format_time(refund.occurred_at),
        "reason": refund.reason,
        "lines": [with_money(line, currency) for line in refund.lines],
    }
