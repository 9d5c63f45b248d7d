"""Scores, shares and what holds under hysteresis, on figures written by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from schemas.rfm import Boundaries, scores, settled, share_percent

AT = datetime(2026, 11, 22, tzinfo=UTC)
KEPT = Boundaries(
    at=AT,
    customers=10,
    recency_sum=100,
    frequency_sum=40,
    monetary_sum=Decimal(1000),
    recency=(5, 10, 20, 40),
    frequency=(1, 2, 4, 8),
    monetary=(Decimal(10), Decimal(20), Decimal(100), Decimal(200)),
    shares=tuple(map(Decimal, range(990, 0, -10))),
)
FIVE = Decimal("0.05")


def test_scores_are_boundaries_below() -> None:
    """A tie shares the lower score; recency counts in reverse; who is at the mean is recent, not frequent."""
    scored = scores(10, 4, Decimal("100.0001"), KEPT)
    assert (scored.r, scored.f, scored.m, scored.class_key) == (4, 3, 4, "important_develop")
    assert scores(11, 5, Decimal(100), KEPT).class_key == "general_keep"
    assert scores(41, 9, Decimal(100), KEPT).r == 1


@pytest.mark.parametrize(("monetary", "percent"), [("1000", 1), ("990", 1), ("989.9999", 2), ("10", 99), ("9", 100)])
def test_a_share_is_one_more_than_the_amounts_above(monetary: str, percent: int) -> None:
    """From 1 to 100; where nobody spent anything all are in the first."""
    assert share_percent(Decimal(monetary), KEPT) == percent
    assert share_percent(Decimal(0), replace(KEPT, shares=())) == 1


def test_everything_moves_without_hysteresis() -> None:
    """And where nothing was kept, or there was or is nobody."""
    found = replace(KEPT, monetary_sum=Decimal(1001), recency=(5, 10, 20, 41))
    nobody = replace(KEPT, customers=0)
    assert settled(KEPT, found, Decimal(0)) == found
    assert settled(None, found, FIVE) == found
    assert settled(nobody, found, FIVE) == found
    assert settled(KEPT, nobody, FIVE) == nobody


def test_each_boundary_moves_by_itself() -> None:
    """As soon as it differs by more than the share of the kept; by just that share it stays."""
    found = replace(KEPT, recency=(5, 10, 21, 43), monetary=(Decimal("10.5"), Decimal("21.01"), *KEPT.monetary[2:]))
    held = settled(KEPT, found, FIVE)
    assert held == replace(KEPT, recency=(5, 10, 20, 43), monetary=(Decimal(10), Decimal("21.01"), *KEPT.monetary[2:]))
    shared = settled(KEPT, replace(KEPT, shares=(Decimal(2000), *KEPT.shares[1:-1], Decimal("10.4"))), FIVE)
    assert shared.shares == (Decimal(2000), *KEPT.shares[1:])
    assert settled(replace(KEPT, shares=()), KEPT, FIVE).shares == KEPT.shares


def test_boundaries_stay_in_order() -> None:
    """Though one that moved may pass one that did not."""
    kept = replace(KEPT, monetary=tuple(map(Decimal, ("10", "10.2", "11", "12"))))
    found = replace(KEPT, monetary=tuple(map(Decimal, ("10.6", "10.65", "11", "12"))))
    assert settled(kept, found, FIVE).monetary == tuple(map(Decimal, ("10.2", "10.6", "11", "12")))


def test_means_move_together() -> None:
    """Twice the customers with twice the sums are the same means; when one mean moved, all are of now."""
    doubled = replace(KEPT, customers=20, recency_sum=200, frequency_sum=81, monetary_sum=Decimal(2000))
    assert settled(KEPT, doubled, FIVE) == KEPT
    moved = replace(doubled, monetary_sum=Decimal(2101))
    assert settled(KEPT, moved, FIVE) == moved
    assert settled(replace(KEPT, recency_sum=0), KEPT, FIVE) == KEPT
    assert settled(KEPT, replace(KEPT, at=AT.replace(year=2027)), FIVE).at.year == 2027
