"""RFM scores and classes of one customer: the definitions, pure.

Quintile scores after Hughes, "Strategic Database Marketing" (ties share a score); the eight classes compare each
measure with the population's mean, as customary in Chinese retail (重要/一般 × 价值 发展 保持 挽留).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

CLASS_LABELS = {
    f"{weight}_{kind}": f"{zh_weight}{zh_kind}客户"
    for weight, zh_weight in (("important", "重要"), ("general", "一般"))
    for kind, zh_kind in (("value", "价值"), ("develop", "发展"), ("keep", "保持"), ("win_back", "挽留"))
}


@dataclass(frozen=True, slots=True)
class Boundaries:
    """What a customer is scored against: quintile boundaries, and sums (a mean is sum / customers, never rounded)."""

    at: datetime
    customers: int
    recency_sum: int
    frequency_sum: int
    monetary_sum: Decimal
    recency: tuple[int, ...]
    frequency: tuple[int, ...]
    monetary: tuple[Decimal, ...]


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


def class_key(*, important: bool, recent: bool, frequent: bool) -> str:
    """The key of one of the eight classes."""
    kind = {(True, True): "value", (False, True): "keep", (True, False): "develop"}.get((recent, frequent), "win_back")
    return f"{'important' if important else 'general'}_{kind}"
