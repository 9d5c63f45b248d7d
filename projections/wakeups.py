"""Moments at which time alone changes somebody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from projections.database import Database, time_parameter
from projections.progress import Range, heads, write_ranges

CLOCK = "clock"
_WAKEUPS = ("wakeups", 0)
_EPOCH = datetime.fromtimestamp(0, UTC)
_DUE = """
SELECT DISTINCT subject, thing FROM wakeups
WHERE at > {since:DateTime64(6, 'UTC')} AND at <= {until:DateTime64(6, 'UTC')}
"""
_FLIPS = """
SELECT at, root FROM flips
WHERE at > {since:DateTime64(6, 'UTC')} AND at <= {until:DateTime64(6, 'UTC')}
LIMIT 1 BY at, root
"""


def flips_due(database: Database, since: datetime, until: datetime) -> list[tuple[datetime, str]]:
    """(moment, root) of everybody of whom time alone may change something after `since`, up to `until`."""
    span = {"since": time_parameter(since), "until": time_parameter(until)}
    return [(at, root) for at, root in database.tuples(_FLIPS, span)]


def due(database: Database, since: datetime, until: datetime) -> list[tuple[str, str]]:
    """(subject, thing) of every event whose time came after `since`, up to `until`."""
    span = {"since": time_parameter(since), "until": time_parameter(until)}
    return [(subject, thing) for subject, thing in database.tuples(_DUE, span)]


def woken_until(database: Database) -> datetime:
    """Up to when everybody due has been touched; the epoch at first."""
    head = heads(database).get(CLOCK, {}).get(_WAKEUPS)
    return head.watermark if head else _EPOCH


def say_woken(database: Database, until: datetime, count: int) -> None:
    """Everybody due up to then has been touched."""
    millisecond = (until - _EPOCH) // timedelta(milliseconds=1)
    write_ranges(database, CLOCK, [Range(*_WAKEUPS, millisecond, millisecond, count, until)])
