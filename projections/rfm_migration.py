"""Who moved from which RFM class to which between two moments, over everybody scored at either."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from projections.database import Database
from projections.moments import AsOf
from projections.rfm import CLASSES, EVERY_ORDER, Population, boundaries, classed, means, people_joined


@dataclass(frozen=True, slots=True)
class Move:
    """Customers that were of one class and are of another; None: without a counted order then.

    `net_amount` is what they had brought in by the later moment.
    """

    before: str | None
    after: str | None
    customers: int
    net_amount: Decimal


def migration(database: Database, earlier: AsOf, later: AsOf, currency: str) -> list[Move]:
    """Score everybody at both moments against the boundaries of each. Persons are those of the later moment.

    Whoever two were then and is one now is one customer at both.
    """
    joined = {"joined": people_joined(database, later)}
    sides = [
        Population(moment, currency, from_facts=True, among=EVERY_ORDER, joined=joined) for moment in (earlier, later)
    ]
    before, after = (_side(database, side, name) for side, name in zip(sides, ("before", "after"), strict=True))
    sql = f"""
        SELECT before.class AS was, after.class AS became, count() AS customers, sum(after.monetary) AS net_amount
        FROM ({before[0]}) AS before
        FULL OUTER JOIN ({after[0]}) AS after ON before.root = after.root
        GROUP BY was, became
        ORDER BY was, became
    """  # noqa: S608 -- glues fragments of projections/sql, never a value
    rows = database.rows(sql, before[1] | after[1], joined)
    return [Move(_key(row["was"]), _key(row["became"]), row["customers"], row["net_amount"]) for row in rows]


def _side(database: Database, everybody: Population, name: str) -> tuple[str, dict[str, object]]:
    """Everybody's class at a moment, 1 to 8 (whom the join does not find has 0), with parameters of its own."""
    found = boundaries(database, everybody)
    parameters = everybody.parameters() | means(found)
    sql = f"SELECT root, monetary, toUInt8(1 + {classed()}) AS class FROM {everybody.sql}"  # noqa: S608 -- as above
    for each in parameters:
        sql = sql.replace(f"{{{each}:", f"{{{name}_{each}:")
    return sql, {f"{name}_{each}": value for each, value in parameters.items()}


def _key(number: int) -> str | None:
    return CLASSES[number - 1] if number else None
