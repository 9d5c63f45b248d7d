"""The oracle's RFM: the known answer over CDNOW, and the rules it leaves untouched."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from deploy.oracle.model import Json
from deploy.oracle.rfm import Among, boundaries, migration, rfm, score, scores
from tests.oracle.cdnow import cdnow, golden
from tests.oracle.written import ARRIVAL, START, Said, said, written


def bought(who: str, total: str, day: float, **data: Any) -> Said:
    """A completed order with a number of its own."""
    return said("order.completed", who, day, order_id=f"{who}-{day}", total=total, lines=[], **data)


def test_cdnow_gives_the_known_answer() -> None:
    """69,659 purchases, as of 1998-07-01, to the last cent and customer."""
    assert rfm(cdnow(), datetime(1998, 7, 1, tzinfo=UTC), currency="USD") == golden()


@pytest.mark.parametrize(
    ("values", "bounds"),
    [
        ([5, 4, 3, 2, 1], [1, 2, 3, 4]),
        ([1, 2, 3, 4, 5, 6], [2, 3, 4, 5]),
        ([7], [7, 7, 7, 7]),
        ([1, 1, 1, 9], [1, 1, 1, 9]),
        ([], []),
    ],
)
def test_a_boundary_is_the_smallest_value_that_enough_customers_do_not_exceed(
    values: list[int], bounds: list[int]
) -> None:
    """At least q·n of them, q = 0.2, 0.4, 0.6, 0.8; of nobody there are none."""
    assert boundaries(map(Decimal, values)) == bounds


def test_ties_share_a_score() -> None:
    """The score counts the boundaries strictly below the value."""
    bounds = boundaries(map(Decimal, [1, 1, 1, 9]))
    assert [score(Decimal(value), bounds) for value in (1, 9)] == [1, 4]


def test_the_eight_classes() -> None:
    """Three customers: days 10, 1, 1 (mean 4), orders 1, 1, 4 (mean 2), money 3, 3, 9 (mean 5)."""
    history = [bought("A", "3", 90), bought("B", "3", 99), *[bought("C", "2.25", 99 - n / 10) for n in range(4)]]
    told = scores(written(*history), START + timedelta(days=100))
    classes = {subject: one["class"] for subject, one in told.items()}
    assert classes == {
        "member_id:A": "general_win_back",
        "member_id:B": "general_develop",
        "member_id:C": "important_value",
    }
    assert told["member_id:A"] == {
        "recency_days": 10, "frequency": 1, "monetary": "3.00", "r": 2, "f": 1, "m": 1,
        "share_percent": 61, "class": "general_win_back", "label": "一般挽留客户",
    }  # fmt: skip


def test_at_the_mean_one_is_recent_but_neither_frequent_nor_high() -> None:
    """A population of equals is all `general_develop`."""
    told = scores(written(bought("A", "3", 1), bought("B", "3", 1)), ARRIVAL)
    assert {one["class"] for one in told.values()} == {"general_develop"}


def test_recency_is_whole_days_rounded_down() -> None:
    """A microsecond short of two days is one."""
    log = written(bought("A", "3", 0))
    moment = START + timedelta(days=2)
    told = [scores(log, moment - step)["member_id:A"]["recency_days"] for step in (timedelta(0), timedelta.resolution)]
    assert told == [2, 1]


def test_foreign_orders_count_but_bring_nothing() -> None:
    """Frequency is over all currencies, money over the platform's."""
    told = scores(written(bought("A", "3", 0), bought("A", "300", 1, currency="JPY")), ARRIVAL)["member_id:A"]
    assert (told["frequency"], told["monetary"]) == (2, "3.00")


def test_who_has_no_counted_order_has_no_rfm() -> None:
    """Nor does a pending order belong to anyone."""
    placed = said("order.placed", "A", 0, order_id="1", total="5", lines=[])
    stray = said("order.paid", None, 0, order_id="2", amount="5")
    gone = [bought("B", "3", 1), said("order.cancelled", None, 2, order_id="B-1")]
    assert scores(written(placed, stray, *gone), ARRIVAL) == {}


def test_of_nobody_there_are_no_boundaries_and_no_means() -> None:
    """All eight classes are listed all the same, each of nobody."""
    nobody: Json = rfm([], START)
    assert (nobody["as_of"], nobody["customers"], nobody["net_amount"]) == ("2026-01-01T00:00:00Z", 0, "0.00")
    assert nobody["boundaries"] == {"recency_days": [], "frequency": [], "monetary": []}
    assert nobody["means"] == {"recency_days": None, "frequency": None, "monetary": None}
    assert nobody["cells"] == []
    assert [one["customers"] for one in nobody["classes"]] == [0] * 8


def test_shares_of_net_amount() -> None:
    """A customer's hundredth begins where all who spent more end; 50 of 100 end the fiftieth, ties stand together."""
    amounts = {"A": "50", "B": "20", "C": "20", "D": "9.5", "E": "0.5"}
    told = scores(written(*[bought(who, total, day) for day, (who, total) in enumerate(amounts.items())]), ARRIVAL)
    percents = [told[f"member_id:{who}"]["share_percent"] for who in amounts]
    assert percents == [1, 51, 51, 91, 100]
    [free] = scores(written(bought("F", "0", 1)), ARRIVAL).values()
    assert free["share_percent"] == 1


def test_some_orders_only() -> None:
    """Of a store and what lies below, any line's category, a channel; customers are who has such orders."""
    line = {"sku": "a", "quantity": 1, "amount": 1, "category": "tea"}
    log = written(
        said("order.completed", "A", 1, order_id="1", total=5, lines=[line], top={"store": "mall/a", "channel": "pos"}),
        said("order.shipped", None, 2, order_id="1", top={"store": "mall/b"}),
        said("order.completed", "B", 3, order_id="2", total=7, lines=[], top={"store": "mallet"}),
    )

    def customers(**among: str) -> int:
        found: int = rfm(log, ARRIVAL, among=Among(**among))["customers"]
        return found

    assert [customers(store=store) for store in ("", "mall", "mall/a", "mall/b")] == [2, 1, 0, 1]
    assert (customers(category="tea"), customers(category="book")) == (1, 0)
    assert (customers(channel="pos"), customers(channel="pos", store="mallet")) == (1, 0)


def test_moves_are_of_the_later_moments_persons() -> None:
    """Two that are one by then were one before; who bought since, or lost all orders since, is without a class once."""
    log = written(
        bought("A", "3", 1),
        bought("B", "3", 1.5),
        bought("C", "30", 2),
        said("customer.linked", None, 5, top={"ids": {"member_id": ["A", "B"]}}),
        said("order.cancelled", None, 6, order_id="C-2"),
        bought("D", "9", 7),
    )
    moves = migration(log, START + timedelta(days=4), START + timedelta(days=10))
    assert moves == {
        ("general_value", "general_keep"): (1, Decimal(6)),
        ("important_develop", None): (1, Decimal(0)),
        (None, "important_develop"): (1, Decimal(9)),
    }
