"""RFM of the whole population: boundaries, means, cells and classes, from profiles or as of any time from the facts.

Boundary q of a measure is the smallest value v with at least q·n customers at or below it, which is what
`quantilesExactWeighted(…)(v, 1)` answers; `quantilesExact` takes another index.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from projections.database import Database, Given, Row, Tables
from projections.identity.people import everybody_joined
from projections.moments import AsOf
from projections.statements import statement
from schemas.rfm import CLASS_LABELS, Boundaries, class_key

K = TypeVar("K", bound=Hashable)
_NONE = {"customers": 0, "net_amount": Decimal(0)}
_QUINTILES = "quantilesExactWeighted(0.2, 0.4, 0.6, 0.8)"


def _customers(*, from_facts: bool) -> str:
    return f"({statement('customer_days')} FROM ({statement('customers_at' if from_facts else 'customers_now')}))"


def joined(database: Database, moment: AsOf, *, from_facts: bool) -> Tables:
    """Who is one person at a moment, as the table the facts are told with; profiles know it already."""
    if not from_facts:
        return {}
    return {"joined": Given("node String, root String", list(everybody_joined(database, moment).items()))}


def boundaries(
    database: Database, moment: AsOf, currency: str, *, from_facts: bool, people: Tables | None = None
) -> Boundaries:
    """Compute them over everybody with a counted order at that moment; empty tuples when there is nobody.

    `people` is what `joined` answers for the moment, when it is known already.
    """
    people = joined(database, moment, from_facts=from_facts) if people is None else people
    sql = f"""
        SELECT count() AS customers, sum(recency) AS recency_sum, sum(frequency) AS frequency_sum,
               sum(monetary) AS monetary_sum, {_QUINTILES}(recency, 1) AS recency_boundaries,
               {_QUINTILES}(frequency, 1) AS frequency_boundaries, {_QUINTILES}(monetary, 1) AS monetary_boundaries
        FROM {_customers(from_facts=from_facts)}
    """
    row = database.rows(sql, {"currency": currency, **moment.parameters()}, people)[0]
    some = row["customers"] > 0
    return Boundaries(
        at=moment.at,
        customers=row["customers"],
        recency_sum=row["recency_sum"],
        frequency_sum=row["frequency_sum"],
        monetary_sum=Decimal(row["monetary_sum"]),
        recency=tuple(row["recency_boundaries"]) if some else (),
        frequency=tuple(row["frequency_boundaries"]) if some else (),
        monetary=tuple(row["monetary_boundaries"]) if some else (),
    )


@dataclass(frozen=True, slots=True)
class Grid:
    """Customers by scores, and by class."""

    cells: list[Row]
    classes: list[Row]


def grid(
    database: Database,
    moment: AsOf,
    currency: str,
    found: Boundaries,
    *,
    from_facts: bool,
    people: Tables | None = None,
) -> Grid:
    """Score everybody against boundaries; comparisons with means are made without division."""
    people = joined(database, moment, from_facts=from_facts) if people is None else people
    sql = f"""
        SELECT 5 - arrayCount(b -> b < recency, {{recency:Array(Int64)}}) AS r,
               1 + arrayCount(b -> b < frequency, {{frequency:Array(UInt64)}}) AS f,
               monetary * {{customers:UInt64}} > toDecimal128({{monetary_sum:String}}, 4) AS important,
               recency * {{customers:UInt64}} <= {{recency_sum:Int64}} AS recent,
               frequency * {{customers:UInt64}} > {{frequency_sum:UInt64}} AS frequent,
               count() AS customers, sum(monetary) AS net_amount
        FROM {_customers(from_facts=from_facts)}
        GROUP BY r, f, important, recent, frequent
        ORDER BY r, f, important, recent, frequent
    """
    parameters = {
        "currency": currency,
        **moment.parameters(),
        "recency": list(found.recency),
        "frequency": list(found.frequency),
        "customers": found.customers,
        "monetary_sum": str(found.monetary_sum),
        "recency_sum": found.recency_sum,
        "frequency_sum": found.frequency_sum,
    }
    rows = database.rows(sql, parameters, people)
    cells = _summed(rows, lambda row: (row["r"], row["f"]))
    classes = _summed(rows, _class_of)
    return Grid(
        [{"r": r, "f": f, **sums} for (r, f), sums in sorted(cells.items())],
        [{"key": key, **classes.get(key, _NONE)} for key in sorted(CLASS_LABELS)],
    )


def _class_of(row: Row) -> str:
    return class_key(important=bool(row["important"]), recent=bool(row["recent"]), frequent=bool(row["frequent"]))


def _summed(rows: Sequence[Row], key: Callable[[Row], K]) -> dict[K, Row]:
    """Customers and net amount of the rows that share a key."""
    sums: dict[K, Row] = {}
    for row in rows:
        known = sums.get(key(row), _NONE)
        sums[key(row)] = {name: known[name] + row[name] for name in _NONE}
    return sums
