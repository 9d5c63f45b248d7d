"""The oracle's `orders` section: what a person bought, in figures."""

from datetime import timedelta
from typing import Any

from tests.oracle.written import Said, dossier_of, said

MINUTE = timedelta(minutes=1) / timedelta(days=1)


def completed(order_id: str, total: str, day: float = 1, channel: str = "", **data: Any) -> Said:
    """Ann's order, completed."""
    top = {"channel": channel}
    return said("order.completed", "M1", day, top=top, order_id=order_id, total=total, **{"lines": [], **data})


def article(category: str, brand: str | None = None, quantity: float = 1) -> dict[str, Any]:
    """One line."""
    return {"sku": "a", "quantity": quantity, "amount": "1", "category": category, "brand": brand}


def test_orders_in_figures() -> None:
    """Counted ones count in every currency; sums run over the platform's; refunds of lost orders are still refunds."""
    orders = dossier_of(
        completed("1", "10", 1, lines=[article("perfume", "Acme"), article("", "")]),
        completed("2", "5.0055", 2, lines=[article("book", "Zoo"), article("book", None)]),
        completed("3", "5", 3),
        completed("4", "700", 4, currency="JPY"),
        completed("5", "30", 5, lines=[article("lost", "Lost")]),
        said("order.cancelled", None, 6, order_id="5"),
        said("order.refunded", None, 6, event_id="a", order_id="5", refund_id="r", amount="40"),
        said("order.refunded", None, 6, event_id="b", order_id="4", refund_id="r", amount="100"),
        said("order.placed", "M1", 9, order_id="6", total="1000", lines=[]),
    )["orders"]
    assert orders == {
        "count": 4,
        "net_amount": "20.0055",
        "average": "6.6685",
        "currency": "CNY",
        "by_currency": [
            {"currency": "CNY", "count": 3, "net_amount": "20.0055"},
            {"currency": "JPY", "count": 1, "net_amount": "600"},
        ],
        "first_at": "2026-01-02T00:00:00Z",
        "last_at": "2026-01-05T00:00:00Z",
        "refunded_amount": "30.00",
        "refund_count": 2,
        "categories": ["book", "perfume"],
        "brands": ["Acme", "Zoo"],
        "favourite_category": "book",
        "basket": {"items": 2, "lines": 2},
        "preferred_channel": None,
        "preferred_hour": 8,
        "preferred_weekday": 1,
        "interval_days": 1,
        "price_sensitivity": 0,
    }


def test_a_customer_without_orders_has_them_in_zeros_and_nulls() -> None:
    """Count and sums are 0; an average and times there are not."""
    orders = dossier_of(said("app.opened", "M1"), currency="JPY")["orders"]
    assert (orders["count"], orders["net_amount"], orders["average"], orders["by_currency"]) == (0, "0", None, [])
    assert (orders["first_at"], orders["refunded_amount"], orders["categories"]) == (None, "0", [])
    assert (orders["brands"], orders["basket"], orders["interval_days"], orders["price_sensitivity"]) == (
        [],
        *[None] * 3,
    )
    assert [orders[f"preferred_{one}"] for one in ("channel", "hour", "weekday")] == [None] * 3


def test_an_average_is_rounded_half_to_even() -> None:
    """0.0001 over two orders is 0.00005, of which the even neighbour is 0.0000; 0.0003 over two is 0.0002."""
    assert dossier_of(completed("1", "0.0001"), completed("2", "0", 2))["orders"]["average"] == "0.00"
    assert dossier_of(completed("1", "0.0003"), completed("2", "0", 2))["orders"]["average"] == "0.0002"


def test_a_basket_is_the_mean_over_orders_with_lines() -> None:
    """Pieces and lines; an order without lines, or one that does not count, is in no mean."""
    history = (
        completed("1", "5", 1, lines=[article("a", None, 2), article("b", None, 0.5)]),
        completed("2", "5", 2, lines=[article("a", None, 2)]),
        completed("3", "5", 3),
        said("order.placed", "M1", 4, order_id="4", total="5", lines=[article("a", None, 100)]),
    )
    assert dossier_of(*history)["orders"]["basket"] == {"items": 2.25, "lines": 1.5}


def test_the_preferred_channel_is_where_most_counted_orders_were_made() -> None:
    """Of several that with the later order, then the first by name; orders without a channel prefer none."""
    web, app = completed("1", "5", 1, "web"), completed("2", "5", 2, "app")
    assert dossier_of(web, app)["orders"]["preferred_channel"] == "app"
    assert dossier_of(web, app, completed("3", "5", 0, "web"))["orders"]["preferred_channel"] == "web"
    assert dossier_of(web, completed("2", "5", 1, "app", event_id="e"))["orders"]["preferred_channel"] == "app"
    assert dossier_of(completed("3", "5", 9), completed("4", "5", 8), web)["orders"]["preferred_channel"] == "web"


def test_hour_and_weekday_are_those_of_the_platforms_zone() -> None:
    """START is a Thursday at midnight UTC; at 16:00 UTC a Friday begins in Shanghai, not yet in London."""
    evening = completed("1", "5", 16 / 24)
    zones = {zone: dossier_of(evening, zone=zone)["orders"] for zone in ("Asia/Shanghai", "Europe/London")}
    told = {zone: (one["preferred_hour"], one["preferred_weekday"]) for zone, one in zones.items()}
    assert told == {"Asia/Shanghai": (0, 5), "Europe/London": (16, 4)}


def test_of_equally_frequent_hours_the_one_of_the_latest_order_is_preferred() -> None:
    """At noon on day 0 and 1, at one on day 0 and 2."""
    noon, one = 4 / 24, 5 / 24
    days = (noon, 1 + noon, one, 2 + one)
    history = [completed(str(number), "5", day) for number, day in enumerate(days)]
    assert dossier_of(*history)["orders"]["preferred_hour"] == 13


def test_the_interval_is_the_mean_between_counted_orders() -> None:
    """From the first to the last over one less than their number; of one order there is none."""
    history = [completed(str(number), "5", day) for number, day in enumerate((0, 9, 1 + MINUTE * 1))]
    assert dossier_of(*history[:1])["orders"]["interval_days"] is None
    assert dossier_of(*history[:2])["orders"]["interval_days"] == 9
    assert dossier_of(history[0], history[2])["orders"]["interval_days"] == 1.0007
    assert dossier_of(*history)["orders"]["interval_days"] == 4.5


def test_price_sensitivity_is_the_share_of_net_spend_in_orders_that_came_cheaper() -> None:
    """By a discount above 0 or a coupon, in the platform's currency; of no spend there is no share."""
    history = (
        completed("1", "10", 1, coupon="C"),
        completed("2", "10", 2, discount="0.01"),
        completed("3", "40", 3, discount="0", coupon=""),
        completed("4", "900", 4, coupon="C", currency="JPY"),
    )
    assert dossier_of(*history)["orders"]["price_sensitivity"] == 0.3333
    assert dossier_of(history[2])["orders"]["price_sensitivity"] == 0
    assert dossier_of(history[3])["orders"]["price_sensitivity"] is None


def test_the_favourite_category_is_of_most_orders() -> None:
    """An order counts once for each of its categories; of several as frequent the latest, then the first by name."""
    both, book, tea = [article("book"), article("book"), article("tea")], [article("book")], [article("tea")]

    def favourite(*lines: list[dict[str, Any]]) -> Any:
        history = [completed(str(day), "1", day, lines=each) for day, each in enumerate(lines)]
        return dossier_of(*history)["orders"]["favourite_category"]

    assert favourite(both, tea) == "tea"
    assert favourite(tea, book) == "book"
    assert favourite(book, book, both) == "book"
    assert favourite(both) == "book"
    assert favourite([article("")]) is None
    cancelled = said("order.cancelled", None, 6, order_id="2")
    orders = dossier_of(completed("1", "1", 1, lines=tea), completed("2", "1", 2, lines=book), cancelled)["orders"]
    assert orders["favourite_category"] == "tea"
