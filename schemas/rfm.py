"""RFM scores and classes of one customer: the definitions, pure.

Quintile scores after Hughes, "Strategic Database Marketing" (ties share a score); the eight classes compare each
measure with the population's mean, as customary in Chinese retail (重要/一般 × 价值 发展 保持 挽留).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

N = TypeVar("N", int, Decimal)

CLASS_LABELS = {
    f"{weight}_{kind}": f"{zh_weight}{zh_kind}客户"
    for weight, zh_weight in (("important", "重要"), ("general", "一般"))
    for kind, zh_kind in (("value", "价值"), ("develop", "发展"), ("keep", "保持"), ("win_back", "挽留"))
}


@dataclass(frozen=True, slots=True)
class Boundaries:
    """What a customer is scored against: quintile boundaries, and sums (a mean is sum / customers, never rounded).

    `shares` are for p = 1 to 99 the least monetary value such that all greater ones together are less than p % of
    `monetary_sum`; none where that is 0.
    """

    at: datetime
    customers: int
    recency_sum: int
    frequency_sum: int
    monetary_sum: Decimal
    recency: tuple[int, ...]
    frequency: tuple[int, ...]
    monetary: tuple[Decimal, ...]
    shares: tuple[Decimal, ...] = ()


def settled(kept: Boundaries | None, found: Boundaries, hysteresis: Decimal) -> Boundaries:
    """What holds when something was kept: a threshold moves only if it differs from the kept one by more than a share.

    So customers at a threshold do not flap. `hysteresis` is that share, 0.05 for 5 %; by 0 everything moves. Quintile
    boundaries and shares move each by itself; the three means, which are sums over one number of customers, all move
    when one of them does, so that sums and number stay those of one time.
    """
    if kept is None or not hysteresis or not kept.customers or not found.customers:
        return found
    held = kept if _means_hold(kept, found, hysteresis) else found
    return replace(
        found,
        customers=held.customers,
        recency_sum=held.recency_sum,
        frequency_sum=held.frequency_sum,
        monetary_sum=held.monetary_sum,
        recency=tuple(sorted(_each_settled(kept.recency, found.recency, hysteresis))),
        frequency=tuple(sorted(_each_settled(kept.frequency, found.frequency, hysteresis))),
        monetary=tuple(sorted(_each_settled(kept.monetary, found.monetary, hysteresis))),
        shares=tuple(sorted(_each_settled(kept.shares, found.shares, hysteresis), reverse=True)),
    )


def _means_hold(kept: Boundaries, found: Boundaries, hysteresis: Decimal) -> bool:
    sums = ((kept.recency_sum, found.recency_sum), (kept.frequency_sum, found.frequency_sum))
    return all(
        _holds(Fraction(old) / kept.customers, Fraction(new) / found.customers, hysteresis)
        for old, new in (*sums, (kept.monetary_sum, found.monetary_sum))
    )


def _each_settled(kept: Sequence[N], found: Sequence[N], hysteresis: Decimal) -> Sequence[N]:
    if len(kept) != len(found):
        return found
    return [
        old if _holds(Fraction(old), Fraction(new), hysteresis) else new for old, new in zip(kept, found, strict=True)
    ]


def _holds(kept: Fraction, found: Fraction, hysteresis: Decimal) -> bool:
    return abs(found - kept) <= abs(kept) * Fraction(hysteresis)


@dataclass(frozen=True, slots=True)
class Scores:
    """One customer's scores (1 worst to 5 best) and class."""

    r: int
    f: int
    m: int
    class_key: str


def recency_days(last_order_at: datetime, at: datetime) -> int:
    """Whole days of 24 h from the last counted order to `at`, rounded down."""
    return (at - last_order_at) // timedelta(days=1)


def _below(boundaries: Sequence[int | Decimal], value: int | Decimal) -> int:
    return sum(boundary < value for boundary in boundaries)


def scores(recency: int, frequency: int, monetary: Decimal, against: Boundaries) -> Scores:
    """Score one customer: 1 + the boundaries strictly below the value; recency in reverse."""
    n = against.customers
    return Scores(
        r=5 - _below(against.recency, recency),
        f=1 + _below(against.frequency, frequency),
        m=1 + _below(against.monetary, monetary),
        class_key=class_key(
            important=monetary * n > against.monetary_sum,
            recent=recency * n <= against.recency_sum,
            frequent=frequency * n > against.frequency_sum,
        ),
    )


def share_percent(monetary: Decimal, against: Boundaries) -> int:
    """In which hundredth of the net amount a customer lies, the greatest first: 1 to 100.

    Class A of an ABC analysis (Pareto) is those up to 80, the one included in whom 80 % are reached.
    """
    return 1 + sum(least > monetary for least in against.shares)


def class_key(*, important: bool, recent: bool, frequent: bool) -> str:
    """The key of one of the eight classes."""
    kind = {(True, True): "value", (False, True): "keep", (True, False): "develop"}.get((recent, frequent), "win_back")
    return f"{'important' if important else 'general'}_{kind}"
