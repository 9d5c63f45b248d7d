"""The oracle's orders against each rule of CONTRACT §2, Orders."""

from decimal import Decimal
from typing import Any

import pytest

from deploy.oracle.model import Logged
from deploy.oracle.orders import Order, orders
from deploy.oracle.owners import known
from tests.oracle.written import ARRIVAL, START, said, written


def folded(log: list[Logged], **orders_of: str) -> Order:
    """The only order of a history, as of its end, on a CNY platform."""
    (only,) = orders(known(log, ARRIVAL, orders_of=orders_of), "CNY")
    return only


PLACED = said("order.placed", "M1", 1, order_id="1", total="100.00", lines=[])
PAID = said("order.paid", "M1", 2, order_id="1", amount="60")
SHIPPED = said("order.shipped", None, 3, order_id="1")
COMPLETED = said("order.completed", "M1", 4, order_id="1", total="100.00", lines=[])
CANCELLED = said("order.cancelled", None, 0, order_id="1")
HALF = said("order.refunded", None, 5, order_id="1", refund_id="a", amount="50")
LINE = {"sku": "a", "category": "book", "quantity": 1, "amount": "1"}
REST = said("order.refunded", None, 6, order_id="1", refund_id="b", amount="50.00")


@pytest.mark.parametrize(
    ("history", "state", "counts", "net"),
    [
        ([PLACED], "placed", False, "100"),
        ([said("order.updated", "M1", order_id="1")], "placed", False, "0"),
        ([PLACED, PAID], "paid", True, "100"),
        ([PLACED, SHIPPED], "shipped", False, "100"),
        ([PLACED, PAID, SHIPPED], "shipped", True, "100"),
        ([COMPLETED, SHIPPED, PAID], "completed", True, "100"),
        ([COMPLETED, HALF], "partially_refunded", True, "50"),
        ([PLACED, HALF], "partially_refunded", False, "50"),
        ([COMPLETED, HALF, REST], "refunded", False, "0"),
        ([PLACED, HALF, REST], "refunded", False, "0"),
        ([COMPLETED, CANCELLED], "cancelled", False, "0"),
        ([COMPLETED, HALF, REST, CANCELLED], "cancelled", False, "0"),
        ([HALF], "partially_refunded", False, "0"),
        ([PAID, HALF], "partially_refunded", True, "10"),
        ([PAID, HALF, REST], "refunded", False, "0"),
    ],
)
def test_state_is_the_strongest_thing_that_happened(
    history: list[tuple[str, dict[str, object]]], state: str, *, counts: bool, net: str
) -> None:
    """Cancelled, refunded, partially refunded, completed, shipped, paid, placed: the first that holds, at any time."""
    order = folded(written(*history))
    assert (order.state, order.counts, order.net) == (state, counts, Decimal(net))


def test_an_order_counts_from_its_earliest_payment_or_completion_with_its_whole_total() -> None:
    """A deposit of 60 on day 2 makes an order of 100 count, as 100, from day 2."""
    order = folded(written(COMPLETED, PAID, PLACED))
    assert (order.counted_at, order.net) == (START.replace(day=3), Decimal(100))


def test_an_order_never_paid_or_completed_has_no_time() -> None:
    """Placed and shipped alone put it in no window."""
    assert folded(written(PLACED, SHIPPED)).counted_at is None


def test_a_cancelled_order_keeps_its_time() -> None:
    """It does not count, but was paid on day 2 all the same."""
    assert folded(written(PAID, CANCELLED)).counted_at == START.replace(day=3)


def test_the_total_is_that_of_the_latest_event_that_carries_one() -> None:
    """An update without a total changes nothing; one with a total does; a shipment's `total` is not the order's."""
    more = said("order.updated", None, 5, order_id="1", total="120")
    silent = said("order.updated", None, 6, order_id="1", coupon="X")
    stray = said("order.shipped", None, 7, order_id="1", total="999")
    assert folded(written(stray, silent, more, COMPLETED)).total == 120


def test_of_two_totals_at_one_moment_the_greater_event_id_holds() -> None:
    """The tie is broken by event_id as text, so "e2" comes after "e10"."""
    second = said("order.updated", None, 1, event_id="e2", order_id="1", total="2")
    tenth = said("order.completed", "M1", 1, event_id="e10", order_id="1", total="10", lines=[])
    assert folded(written(second, tenth)).total == 2


def test_without_a_total_payments_are_summed() -> None:
    """60 and 40.5 paid make 100.5."""
    again = said("order.paid", None, 3, order_id="1", amount=40.5)
    assert folded(written(PAID, again)).total == Decimal("100.5")


def test_a_refund_said_twice_is_one_refund_of_its_latest_amount() -> None:
    """The same refund_id first 50, later 20: 20."""
    less = said("order.refunded", None, 9, order_id="1", refund_id="a", amount="20")
    order = folded(written(less, HALF, COMPLETED))
    assert (order.refunded, len(order.refunds), order.net) == (Decimal(20), 1, Decimal(80))


def test_refunds_beyond_the_total_are_capped() -> None:
    """150 refunded of 100 is 100, and net is not below zero."""
    much = said("order.refunded", None, 9, order_id="1", refund_id="c", amount="100")
    order = folded(written(COMPLETED, HALF, much))
    assert (order.refunded, order.net, order.state) == (Decimal(100), Decimal(0), "refunded")


def test_a_free_order_counts_even_when_refunded() -> None:
    """Total 0 can never be fully refunded."""
    free = said("order.completed", "M1", 1, order_id="1", total=0, lines=[])
    order = folded(written(free, HALF))
    assert (order.state, order.counts) == ("partially_refunded", True)
    assert (order.net, order.refunded) == (Decimal(0), Decimal(0))


@pytest.mark.parametrize(
    ("history", "currency"),
    [
        ([said("order.placed", "M1", 1, order_id="1", total="1", currency="USD", lines=[])], "USD"),
        ([PLACED, said("order.paid", None, 2, order_id="1", amount="1", currency="USD")], "CNY"),
        ([said("order.paid", None, day, order_id="1", amount="1", currency=f"US{day}") for day in (1, 2)], "US2"),
        ([PAID, said("order.refunded", None, 9, order_id="1", refund_id="a", amount="1", currency="USD")], "CNY"),
        ([said("order.refunded", "M1", 9, order_id="1", refund_id="a", amount="1", currency="USD")], "USD"),
        ([CANCELLED], "CNY"),
    ],
)
def test_the_currency_is_said_where_the_total_comes_from(
    history: list[tuple[str, dict[str, object]]], currency: str
) -> None:
    """Else by the latest payment, else by the latest refund; where that says none it is the platform's."""
    assert folded(written(*history)).currency == currency


def test_lines_are_those_of_the_latest_event_that_carries_any() -> None:
    """An empty list says nothing, and what is refunded is not what was bought."""
    bought = said("order.placed", "M1", 1, order_id="1", total="1", lines=[LINE])
    back = said("order.refunded", None, 9, order_id="1", refund_id="a", amount="0", lines=[{"sku": "b", "amount": 1}])
    assert folded(written(bought, COMPLETED, back)).lines == (LINE,)


def test_an_order_of_another_source_is_one_order() -> None:
    """Named by the event's order_source, or by the source's declaration; the event's own word wins."""
    shop = said("order.placed", "M1", 1, source="shop", order_id="1", total="5", lines=[])
    named = said("order.paid", None, 2, source="pos", order_id="1", amount="5", order_source="shop")
    declared = said("order.shipped", None, 3, source="app", order_id="1")
    order = folded(written(shop, named, declared), app="shop", pos="elsewhere")
    assert (order.source, order.owner, len(order.events)) == ("shop", "member_id:M1", 3)


def test_the_owner_is_the_customer_of_the_earliest_event_with_identifiers() -> None:
    """Whoever is named later, and whatever came first without a name."""
    silent = said("order.placed", None, 0, order_id="1", total="5", lines=[])
    other = said("order.paid", "M2", 9, order_id="1", amount="5")
    assert folded(written(other, PAID, silent)).owner == "member_id:M1"
    assert folded(written(silent)).owner is None


def test_discount_and_coupon_are_each_those_said_last() -> None:
    """Null and '' say nothing; a discount of 0 does; a cancellation's `discount` is not the order's."""
    placed = said("order.placed", "M1", 1, order_id="1", total="1", lines=[], discount=5, coupon="C")
    later = said("order.updated", None, 2, order_id="1", discount="0", coupon="")
    silent = said("order.updated", None, 3, order_id="1", discount=None, coupon=None)
    stray = said("order.cancelled", None, 4, order_id="1", discount="9")
    order = folded(written(stray, silent, later, placed))
    assert (order.discount, order.coupon, order.discounted) == (Decimal(0), "C", True)
    assert not folded(written(PAID)).discounted
    assert folded(written(said("order.updated", "M1", 1, order_id="1", discount="0.01"))).discounted


def test_the_channel_is_that_of_the_latest_event_that_has_one() -> None:
    """Of whatever type."""
    shop = said("order.placed", "M1", 1, order_id="1", total="1", lines=[], top={"channel": "shop"})
    post = said("order.shipped", None, 3, order_id="1", top={"channel": "post"})
    assert folded(written(post, shop, PAID)).channel == "post"


def line(sku: str, amount: str) -> dict[str, object]:
    """One article."""
    return {"sku": sku, "quantity": 1, "amount": amount}


def back(refund_id: str, amount: str, day: float, **data: Any) -> tuple[str, dict[str, Any]]:
    """A refund of order 1."""
    return said("order.refunded", None, day, order_id="1", refund_id=refund_id, amount=amount, **data)


def test_refunded_lines_fill_those_of_their_sku_in_order() -> None:
    """Each up to its amount; what no line takes, and a refund without lines, is not allocated."""
    bought = said(
        "order.completed", "M1", 1, order_id="1", total="100", lines=[line("a", "10"), line("b", "60"), line("a", "30")]
    )
    some = back("x", "35", 2, lines=[line("a", "25"), line("c", "10")])
    more = back("y", "20", 3, lines=[line("a", "20")])
    whole = back("z", "5", 4)
    order = folded(written(whole, more, some, bought))
    assert order.returned == (Decimal(10), Decimal(0), Decimal(30))
    assert (order.refunded, order.unallocated, order.over_refunded) == (Decimal(60), Decimal(20), False)


def test_what_is_not_allocated_is_part_of_the_total() -> None:
    """Of 150 refunded of 100, lines took 30: 70 is left; lines that took more than was refunded leave nothing."""
    bought = said("order.completed", "M1", 1, order_id="1", total="100", lines=[line("a", "30")])
    much = back("x", "150", 2, lines=[line("a", "150")])
    order = folded(written(bought, much))
    assert (order.returned, order.unallocated, order.over_refunded) == ((Decimal(30),), Decimal(70), True)
    assert folded(written(bought, back("x", "1", 2, lines=[line("a", "30")]))).unallocated == 0


def test_a_refund_is_what_its_latest_event_says() -> None:
    """Its lines and reason too; refunds stand in order of their time."""
    first = back("x", "5", 2, lines=[line("a", "5")], reason="broken")
    again = back("x", "7", 4)
    other = back("w", "1", 3)
    refunds = folded(written(COMPLETED, again, first, other)).refunds
    assert [(one.refund_id, one.amount, one.reason, one.lines) for one in refunds] == [
        ("w", Decimal(1), None, ()),
        ("x", Decimal(7), None, ()),
    ]
