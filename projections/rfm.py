"""RFM of the whole population: boundaries, means, cells and classes, from profiles or as of any time from the facts.

Boundary q of a measure is the smallest value v with at least q·n customers at or below it, which is what
`quantilesExactWeighted(…)(v, 1)` answers; `quantilesExact` takes another index.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import TypeVar

from projections.database import Database, Given, Row, Tables
from projections.identity.people import everybody_joined
from projections.moments import AsOf
from projections.statements import statement
from schemas.rfm import CLASS_LABELS, Boundaries, class_key

K = TypeVar("K", bound=Hashable)
_NONE = {"customers": 0, "net_amount": Decimal(0)}
_QUINTILES = "quantilesExactWeighted(0.2, 0.4, 0.6, 0.8)"


@dataclass(frozen=True, slots=True)
class Among:
    """Only these orders, each with its whole net: of a store and those below it, a category, a channel; '' for all."""

    store: str = ""
    category: str = ""
    channel: str = ""

    def parameters(self) -> dict[str, object]:
        """As statement parameters."""
        return {"store": self.store.rstrip("/"), "category": self.category, "channel": self.channel}


EVERY_ORDER = Among()


@dataclass(frozen=True, slots=True)
class Population:
    """Everybody with a counted order at a moment: from the facts, or as the profiles say.

    `joined` is who is one person then, as the table the facts are told with; profiles know it already.
    """

    moment: AsOf
    currency: str
    from_facts: bool
    among: Among
    joined: Tables

    @property
    def sql(self) -> str:
        """A subquery: recency in days, frequency and monetary by root."""
        return (
            f"({statement('customer_days')} FROM ({statement('customers_at' if self.from_facts else 'customers_now')}))"
        )

    def parameters(self) -> dict[str, object]:
        """Those of the subquery."""
        return {"currency": self.currency, **self.moment.parameters(), **self.among.parameters()}


def population(
    database: Database, moment: AsOf, currency: str, *, from_facts: bool, among: Among = EVERY_ORDER
) -> Population:
    """Find out who is one person at the moment; some orders only are always looked up in the facts."""
    from_facts = from_facts or among != EVERY_ORDER
    joined = {"joined": people_joined(database, moment)} if from_facts else {}
    return Population(moment, currency, from_facts, among, joined)


def people_joined(database: Database, moment: AsOf) -> Given:
    """Every identifier that is another root's at a moment, with that root."""
    return Given("node String, root String", list(everybody_joined(database, moment).items()))


def boundaries(database: Database, everybody: Population) -> Boundaries:
    """Compute them over everybody; empty tuples when there is nobody.

    A customer's `percent` is the hundredth of the sum in which it begins, the greatest first; of those with one amount
    the first is as if all stood there. The least amount up to a percent is that share's boundary.
    """
    sql = f"""
        SELECT count() AS customers, sum(recency) AS recency_sum, sum(frequency) AS frequency_sum,
               sum(monetary) AS monetary_sum, {_QUINTILES}(recency, 1) AS recency_boundaries,
               {_QUINTILES}(frequency, 1) AS frequency_boundaries, {_QUINTILES}(monetary, 1) AS monetary_boundaries,
               minMap(map(percent, monetary)) AS least_by_percent
        FROM (
            SELECT recency, frequency, monetary,
                   sum(monetary) OVER (ORDER BY monetary DESC ROWS UNBOUNDED PRECEDING) - monetary AS before,
                   toUInt8(1 + intDivOrZero(before * 100, sum(monetary) OVER ())) AS percent
            FROM {everybody.sql}
        )
    """
    row = database.rows(sql, everybody.parameters(), everybody.joined)[0]
    some = row["customers"] > 0
    return Boundaries(
        at=everybody.moment.at,
        customers=row["customers"],
        recency_sum=row["recency_sum"],
        frequency_sum=row["frequency_sum"],
        monetary_sum=Decimal(row["monetary_sum"]),
        recency=tuple(row["recency_boundaries"]) if some else (),
        frequency=tuple(row["frequency_boundaries"]) if some else (),
        monetary=tuple(row["monetary_boundaries"]) if some else (),
        shares=_shares(row["least_by_percent"]) if row["monetary_sum"] else (),
    )


def _shares(least: Mapping[int, Decimal]) -> tuple[Decimal, ...]:
    """For 1 to 99 the least amount of that percent or a lower one; a percent in which nobody begins has none itself."""
    return tuple(accumulate((least.get(percent, least[1]) for percent in range(1, 100)), min))


@dataclass(frozen=True, slots=True)
class Grid:
    """Customers by scores, and by class."""

    cells: list[Row]
    classes: list[Row]


def grid(database: Database, everybody: Population, found: Boundaries) -> Grid:
    """Score everybody against boundaries; comparisons with means are made without division."""
    sql = f"""
        SELECT 5 - arrayCount(b -> b < recency, {{recency:Array(Int64)}}) AS r,
               1 + arrayCount(b -> b < frequency, {{frequency:Array(UInt64)}}) AS f,
               {classed()} AS class,
               count() AS customers, sum(monetary) AS net_amount
        FROM {everybody.sql}
        GROUP BY r, f, class
        ORDER BY r, f, class
    """
    parameters = {
        **everybody.parameters(),
        "recency": list(found.recency),
        "frequency": list(found.frequency),
        **means(found),
    }
    rows = database.rows(sql, parameters, everybody.joined)
    cells = _summed(rows, lambda row: (row["r"], row["f"]))
    classes = _summed(rows, lambda row: CLASSES[row["class"]])
    return Grid(
        [{"r": r, "f": f, **sums} for (r, f), sums in sorted(cells.items())],
        [{"key": key, **classes.get(key, _NONE)} for key in sorted(CLASS_LABELS)],
    )


CLASSES = tuple(
    class_key(important=bool(number & 4), recent=bool(number & 2), frequent=bool(number & 1)) for number in range(8)
)
"""By the number that `classed` gives."""


def classed() -> str:
    """SQL: the number of a customer's class against `means`."""
    return (
        "4 * (monetary * {customers:UInt64} > toDecimal128({monetary_sum:String}, 4))"
        " + 2 * (recency * {customers:UInt64} <= {recency_sum:Int64})"
        " + (frequency * {customers:UInt64} > {frequency_sum:UInt64})"
    )


def means(found: Boundaries) -> dict[str, object]:
    """As statement parameters: sums and number, so that nothing is divided."""
    return {
        "customers": found.customers,
        "monetary_sum": str(found.monetary_sum),
        "recency_sum": found.recency_sum,
        "frequency_sum": found.frequency_sum,
    }


def _summed(rows: Sequence[Row], key: Callable[[Row], K]) -> dict[K, Row]:
    """Customers and net amount of the rows that share a key."""
    sums: dict[K, Row] = {}
    for row in rows:
        known = sums.get(key(row), _NONE)
        sums[key(row)] = {name: known[name] + row[name] for name in _NONE}
    return sums
