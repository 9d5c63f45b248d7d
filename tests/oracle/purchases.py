"""The `orders` section of the dossier: a customer's orders in figures."""

from decimal import Decimal

from tests.oracle.model import Json
from tests.oracle.orders import Order
from tests.oracle.values import mean, shown_money, shown_time


def net_of(orders: list[Order], currency: str) -> Decimal:
    """What counted orders in one currency brought in."""
    return sum((order.net for order in orders if order.counts and order.currency == currency), Decimal(0))


def purchases(orders: list[Order], currency: str) -> Json:
    """All of one customer's orders: `count` and times over all currencies, sums over the platform's."""
    counted = [order for order in orders if order.counts]
    native = [order for order in counted if order.currency == currency]
    average = mean(net_of(counted, currency), len(native))
    times = sorted(order.counted_at for order in counted if order.counted_at)
    refunded = sum((order.refunded for order in orders if order.currency == currency), Decimal(0))
    return {
        "count": len(counted),
        "net_amount": shown_money(net_of(counted, currency), currency),
        "average": None if average is None else shown_money(average, currency),
        "currency": currency,
        "by_currency": by_currency(counted),
        "first_at": shown_time(times[0]) if times else None,
        "last_at": shown_time(times[-1]) if times else None,
        "refunded_amount": shown_money(refunded, currency),
        "refund_count": sum(order.refund_count for order in orders),
        "categories": categories(counted),
    }


def by_currency(counted: list[Order]) -> list[Json]:
    """One row per currency that has a counted order, by code."""
    return [
        {
            "currency": code,
            "count": sum(order.currency == code for order in counted),
            "net_amount": shown_money(net_of(counted, code), code),
        }
        for code in sorted({order.currency for order in counted})
    ]


def categories(counted: list[Order]) -> list[str]:
    """The distinct categories bought, in order of name."""
    return sorted({line["category"] for order in counted for line in order.lines if line.get("category")})
