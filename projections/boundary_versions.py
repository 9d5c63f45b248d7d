"""RFM boundaries as versions: what everybody was scored against, since when, and a new version when that moves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal

from projections.database import Database, Row, time_parameter
from projections.moments import FOREVER, AsOf
from projections.rfm import boundaries, population
from schemas.rfm import Boundaries, settled

_EPOCH = datetime.fromtimestamp(0, UTC)
Cause = Literal["schedule", "demand"]
NEWEST = 2**63 - 1
"""Before this come all versions."""

_VERSIONS = """
SELECT version, at, customers, recency_sum, frequency_sum, monetary_sum, recency, frequency, monetary, shares, cause
FROM rfm_boundaries
WHERE version < {before:UInt64} AND at <= {at:DateTime64(6, 'UTC')}
ORDER BY version DESC
LIMIT 1 BY version
LIMIT {limit:UInt32}
"""


@dataclass(frozen=True, slots=True)
class Versioned:
    """Boundaries as they are kept; a greater version is a later one."""

    version: int
    boundaries: Boundaries
    cause: Cause


def versions(database: Database, limit: int, before: int = NEWEST) -> list[Versioned]:
    """The versions before one, the newest first."""
    return _read(database, limit, before, FOREVER)


def latest_boundaries(database: Database, moment: AsOf | None = None) -> Versioned | None:
    """The version in force, now or at a moment; None when nothing was kept yet."""
    at = FOREVER if moment is None else min(moment.at, moment.known)
    return next(iter(_read(database, 1, NEWEST, at)), None)


def renew_boundaries(
    database: Database, currency: str, now: datetime, *, cause: Cause, hysteresis: Decimal
) -> Versioned:
    """Compute the boundaries of now from the profiles, and give what holds then.

    A new version is written only if it says anything else than the one in force; see `settled` for what hysteresis
    keeps from moving. Two that renew at once write the same, or one version after the other: the greater holds.
    """
    kept = latest_boundaries(database)
    exact = boundaries(database, population(database, AsOf(now, kept=True), currency, from_facts=False))
    found = settled(None if kept is None else kept.boundaries, exact, hysteresis)
    if kept is not None and replace(kept.boundaries, at=now) == found:
        return kept
    version = (found.at - _EPOCH) // timedelta(milliseconds=1)
    renewed = Versioned(max(version, kept.version + 1 if kept else 0), found, cause)
    database.insert("rfm_boundaries", _row(renewed))
    return renewed


def _read(database: Database, limit: int, before: int, at: datetime) -> list[Versioned]:
    rows = database.rows(_VERSIONS, {"limit": limit, "before": before, "at": time_parameter(at)})
    return [_versioned(row) for row in rows]


def _versioned(row: Row) -> Versioned:
    found = Boundaries(
        at=row["at"],
        customers=row["customers"],
        recency_sum=row["recency_sum"],
        frequency_sum=row["frequency_sum"],
        monetary_sum=Decimal(row["monetary_sum"]),
        recency=tuple(row["recency"]),
        frequency=tuple(row["frequency"]),
        monetary=tuple(map(Decimal, row["monetary"])),
        shares=tuple(map(Decimal, row["shares"])),
    )
    return Versioned(row["version"], found, row["cause"])


def _row(one: Versioned) -> dict[str, list[object]]:
    found = one.boundaries
    return {
        "version": [one.version],
        "at": [found.at],
        "customers": [found.customers],
        "recency_sum": [found.recency_sum],
        "frequency_sum": [found.frequency_sum],
        "monetary_sum": [found.monetary_sum],
        "recency": [list(found.recency)],
        "frequency": [list(found.frequency)],
        "monetary": [list(found.monetary)],
        "shares": [list(found.shares)],
        "cause": [one.cause],
    }
