"""SQL of a person's RFM: recency, frequency and monetary, and scores and class against the population's boundaries.

The formulas are those of schemas/rfm.py; what a person is scored against are parameters of the statement.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from projections.compiler.edges import moved
from projections.compiler.found import Found, Growing
from projections.compiler.scope import T
from schemas.definitions.operators import Typed
from schemas.rfm import CLASS_LABELS, Boundaries

_DAY = 86_400
_MOST_DAYS = 100_000
_RECENCY = "{rfm_recency:Array(Int64)}"
_FREQUENCY = "{rfm_frequency:Array(UInt64)}"
_MONETARY = "{rfm_monetary:Array(Decimal(38,4))}"
_SHARES = "{rfm_shares:Array(Decimal(38,4))}"
_CUSTOMERS = "{rfm_customers:UInt64}"
_RECENCY_SUM = "{rfm_recency_sum:Int64}"
_FREQUENCY_SUM = "{rfm_frequency_sum:UInt64}"
_MONETARY_SUM = "{rfm_monetary_sum:Decimal(38,4)}"

DAYS_SINCE = f"intDiv(dateDiff('microsecond', assumeNotNull(person.last_order_at), {T}), {_DAY * 1_000_000})"
_UNKNOWN = f"person.orders_count = 0 OR {_CUSTOMERS} = 0"
# Above the mean, without dividing; the mean of recency in whole days says until when somebody is recent.
_IS_IMPORTANT = f"person.net_amount * {_CUSTOMERS} > {_MONETARY_SUM}"
_IS_FREQUENT = f"person.orders_count * {_CUSTOMERS} > {_FREQUENCY_SUM}"
_MEAN_DAYS = f"intDivOrZero({_RECENCY_SUM}, toInt64({_CUSTOMERS}))"
_IS_RECENT = f"{DAYS_SINCE} <= {_MEAN_DAYS}"


def boundary_parameters(boundaries: Boundaries | None) -> dict[str, object]:
    """The parameters of what a person is scored against; without any nobody has scores or a class."""
    if boundaries is None:
        none = dict.fromkeys(("rfm_recency", "rfm_frequency", "rfm_monetary", "rfm_shares"), "[]")
        sums = dict.fromkeys(("rfm_customers", "rfm_recency_sum", "rfm_frequency_sum", "rfm_monetary_sum"), 0)
        return {**none, **sums}
    return {
        "rfm_recency": list(boundaries.recency),
        "rfm_frequency": list(boundaries.frequency),
        "rfm_monetary": _amounts(boundaries.monetary),
        "rfm_shares": _amounts(boundaries.shares),
        "rfm_customers": boundaries.customers,
        "rfm_recency_sum": boundaries.recency_sum,
        "rfm_frequency_sum": boundaries.frequency_sum,
        "rfm_monetary_sum": f"{boundaries.monetary_sum:f}",
    }


def uses_boundaries(path: str) -> bool:
    """Whether a figure is made with these parameters."""
    return path in _SCORED


def _amounts(values: Sequence[Decimal]) -> str:
    return f"[{', '.join(f'{value:f}' for value in values)}]"


def _after(days: str) -> str:
    """So many whole days after the last order."""
    return moved("person.last_order_at", f"toInt64({days}) * {_DAY}")


def _bought(sql: str) -> str:
    return f"if(person.orders_count = 0, NULL, {sql})"


def _scored(sql: str) -> str:
    return f"if({_UNKNOWN}, NULL, {sql})"


def _recency_days(typed: Typed) -> Found:
    tomorrow = _bought(_after(f"{DAYS_SINCE} + 1"))
    return Found(
        _bought(DAYS_SINCE), typed, (tomorrow,), growing=Growing(lambda days: _bought(_after(days)), _MOST_DAYS)
    )


def _recency_score(typed: Typed) -> Found:
    """It falls when recency exceeds the next boundary."""
    ahead = f"arrayFilter(bound -> bound >= {DAYS_SINCE}, {_RECENCY})"
    edge = _scored(f"if(empty({ahead}), NULL, {_after(f'arrayMin({ahead}) + 1')})")
    return Found(_scored(f"5 - arrayCount(bound -> bound < {DAYS_SINCE}, {_RECENCY})"), typed, (edge,))


def _score(value: str, bounds: str) -> str:
    return _scored(f"1 + arrayCount(bound -> bound < {value}, {bounds})")


_KIND = (
    f"multiIf({_IS_RECENT} AND {_IS_FREQUENT}, 'value', {_IS_FREQUENT}, 'keep', {_IS_RECENT}, 'develop', 'win_back')"
)
_CLASS = f"concat(if({_IS_IMPORTANT}, 'important_', 'general_'), {_KIND})"
_NO_LONGER_RECENT = _scored(f"if({_IS_RECENT}, {_after(f'{_MEAN_DAYS} + 1')}, NULL)")


def _label(typed: Typed) -> Found:
    keys, labels = (", ".join(f"'{word}'" for word in words) for words in (CLASS_LABELS, CLASS_LABELS.values()))
    return Found(_scored(f"transform({_CLASS}, [{keys}], [{labels}], '')"), typed, (_NO_LONGER_RECENT,))


_SCORED: dict[str, Callable[[Typed], Found]] = {
    "rfm.r": _recency_score,
    "rfm.f": lambda typed: Found(_score("person.orders_count", _FREQUENCY), typed),
    "rfm.m": lambda typed: Found(_score("person.net_amount", _MONETARY), typed),
    "rfm.class": lambda typed: Found(_scored(_CLASS), typed, (_NO_LONGER_RECENT,)),
    "rfm.label": _label,
    "rfm.share_percent": lambda typed: Found(
        _scored(f"1 + arrayCount(bound -> bound > person.net_amount, {_SHARES})"), typed
    ),
}
SCORES: dict[str, Callable[[Typed], Found]] = {
    "rfm.recency_days": _recency_days,
    "rfm.frequency": lambda typed: Found(_bought("person.orders_count"), typed),
    "rfm.monetary": lambda typed: Found(_bought("person.net_amount"), typed),
    **_SCORED,
}
"""The figures by name."""
