"""The `orders` section of the dossier: a person's orders in figures."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from deploy.oracle.model import Json
from deploy.oracle.orders import Order
from deploy.oracle.values import amount, local, mean, shown_money, shown_ratio, shown_time


def net_of(orders: list[Order], currency: str) -> Decimal:
    """What counted orders in one currency brought in."""
    return sum((order.net for order in orders if order.counts and order.currency == currency), Decimal(0))


def purchases(orders: list[Order], currency: str, zone: str) -> Json:
    """All of one person's orders: `count` and times over all currencies, sums over the platform's."""
    counted = [order for order in orders if order.counts]
    native = [order for order in counted if order.currency == currency]
    average = mean(net_of(counted, currency), len(native))
    times = times_of(counted)
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
        "refund_count": sum(len(order.refunds) for order in orders),
        "categories": named(counted, "category"),
        "brands": named(counted, "brand"),
        "favourite_category": most_frequent(counted, categories_of),
        "basket": basket(counted),
        "preferred_channel": most_frequent(counted, lambda order: {order.channel} if order.channel else set()),
        "preferred_hour": preferred([(local(time, zone).hour, time) for time in times]),
        "preferred_weekday": preferred([(local(time, zone).isoweekday(), time) for time in times]),
        "interval_days": interval_days(times),
        "price_sensitivity": price_sensitivity(native, currency),
    }


def times_of(counted: list[Order]) -> list[datetime]:
    """When counted orders count from, the earliest first."""
    return sorted(order.counted_at for order in counted if order.counted_at)


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


def named(counted: list[Order], field: str) -> list[str]:
    """The distinct categories, or brands, bought, in order of name."""
    return sorted({line[field] for order in counted for line in order.lines if line.get(field)})


def basket(counted: list[Order]) -> Json | None:
    """How much an order with lines holds in the mean: pieces, and lines."""
    filled = [order.lines for order in counted if order.lines]
    if not filled:
        return None
    items = sum((amount(line["quantity"]) for lines in filled for line in lines), Decimal(0))
    lines = Decimal(sum(len(lines) for lines in filled))
    size = Decimal(len(filled))
    return {"items": shown_ratio(items, size), "lines": shown_ratio(lines, size)}


def categories_of(order: Order) -> set[str]:
    """What kinds of things were bought."""
    return {line["category"] for line in order.lines if line.get("category")}


def most_frequent(counted: list[Order], names_of: Callable[[Order], set[str]]) -> str | None:
    """The name that most orders have; of several the one ordered at last, then the first by name."""
    times = {
        name: times_of([order for order in counted if name in names_of(order)]) for name in names_in(counted, names_of)
    }
    for name in sorted(times):
        if all((len(times[name]), times[name][-1]) >= (len(other), other[-1]) for other in times.values()):
            return name
    return None


def names_in(counted: list[Order], names_of: Callable[[Order], set[str]]) -> set[str]:
    """The names that any of the orders has."""
    return {name for order in counted for name in names_of(order)}


def preferred(said: list[tuple[int, datetime]]) -> int | None:
    """The most frequent number; of several the one said at the latest time, then the smallest."""
    numbers = {number for number, _ in said}
    times = {number: sorted(time for other, time in said if other == number) for number in numbers}
    return max(numbers, key=lambda number: (len(times[number]), times[number][-1], -number), default=None)


def interval_days(times: list[datetime]) -> int | float | None:
    """Mean days between one order and the next."""
    if len(times) < 2:
        return None
    between = times[-1] - times[0]
    microseconds = (between.days * 86_400 + between.seconds) * 1_000_000 + between.microseconds
    return shown_ratio(Decimal(microseconds), Decimal((len(times) - 1) * 86_400_000_000))


def price_sensitivity(native: list[Order], currency: str) -> int | float | None:
    """The share of net spend that lies in orders that came cheaper."""
    cheaper = [order for order in native if order.discounted]
    return shown_ratio(net_of(cheaper, currency), net_of(native, currency))
