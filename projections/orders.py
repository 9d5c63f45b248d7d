"""A person's orders, folded from the facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from projections.database import Database, Row, time_parameter
from projections.profiles import Terms, fold_parameters
from projections.resolution import AsOf, resolve
from projections.statements import statement


@dataclass(frozen=True, slots=True)
class OrderCursor:
    """The order a page ended with: only what sorts after it is next."""

    sorted_at: datetime
    key: str


LATEST_ORDER = OrderCursor(datetime.fromisoformat("2299-12-31T00:00:00+00:00"), "")


def orders_of(
    database: Database, subject: str, moment: AsOf, terms: Terms, after: OrderCursor, limit: int
) -> list[Row]:
    """Up to `limit` orders of a subject's person at a moment, latest first; empty when it has none."""
    resolution = resolve(database, [subject], moment)
    if not resolution.persons:
        return []
    parameters = {
        **fold_parameters(moment, terms),
        "before_at": time_parameter(after.sorted_at),
        "before_id": after.key,
        "limit": limit,
    }
    return database.rows(statement("orders"), parameters, resolution.tables())
