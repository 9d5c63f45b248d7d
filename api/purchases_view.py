"""The `orders` of a dossier: what a customer bought, in figures. Pure."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from api.figures import mean, mean_number, time
from projections.database import Row
from schemas.money import format_money

_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1) // _MICROSECOND


def purchases(row: Row, currency: str) -> dict[str, Any]:
    """Sums over the platform's currency; counts, times and habits over all counted orders."""
    average = mean(row["net_amount"], row["orders_valued"])
    return {
        "count": row["orders_count"],
        "net_amount": format_money(row["net_amount"], currency),
        "average": None if average is None else format_money(average, currency),
        "currency": currency,
        "by_currency": [_of_currency(row, code, count) for code, count in sorted(row["count_by_currency"].items())],
        "first_at": time(row["first_order_at"]),
        "last_at": time(row["last_order_at"]),
        "refunded_amount": format_money(row["refunded_amount"], currency),
        "refund_count": row["refund_count"],
        "categories": list(row["categories"]),
        "brands": list(row["brands"]),
        "favourite_category": row["favourite_category"] or None,
        "basket": _basket(row),
        "preferred_channel": row["preferred_channel"] or None,
        "preferred_hour": row["preferred_hour"],
        "preferred_weekday": row["preferred_weekday"],
        "interval_days": _interval_days(row),
        "price_sensitivity": mean_number(row["discounted_amount"], row["net_amount"]),
    }


def _of_currency(row: Row, code: str, count: int) -> dict[str, Any]:
    net = row["net_by_currency"].get(code, Decimal(0))
    return {"currency": code, "count": count, "net_amount": format_money(net, code)}


def _basket(row: Row) -> dict[str, Any] | None:
    """What an order holds on average, of those that say."""
    orders = row["orders_with_lines"]
    if not orders:
        return None
    return {"items": mean_number(row["units"], orders), "lines": mean_number(row["line_count"], orders)}


def _interval_days(row: Row) -> int | float | None:
    """From order to order on average: all but the first and the last cancel out."""
    if row["orders_count"] < 2:
        return None
    micros = (row["last_order_at"] - row["first_order_at"]) // _MICROSECOND
    return mean_number(micros, (row["orders_count"] - 1) * _DAY)
