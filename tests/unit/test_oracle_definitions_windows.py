"""Windows of definitions: each border as the contract writes it, to the microsecond."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.oracle.definitions.clock import Clock, duration
from deploy.oracle.definitions.windows import inside
from tests.oracle.definitions.written import INSTANT, held, opened

SHANGHAI = "Asia/Shanghai"
# Sunday, 1 March 2026, 20:00 in Shanghai.
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CLOCK = Clock(NOW, SHANGHAI)


def shanghai(month: int, day: int, hour: int = 0) -> datetime:
    """An hour of 2026 there."""
    return datetime(2026, month, day, hour, tzinfo=UTC) - timedelta(hours=8)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90s", timedelta(seconds=90)),
        ("5m", timedelta(minutes=5)),
        ("36h", timedelta(hours=36)),
        ("30d", timedelta(hours=720)),
        ("2w", timedelta(days=14)),
    ],
)
def test_durations(text: str, length: timedelta) -> None:
    """Seconds, minutes, hours, days of 24 hours, weeks."""
    assert duration(text) == length


@pytest.mark.parametrize(
    ("time", "lies"),
    [
        (NOW - timedelta(days=30), False),
        (NOW - timedelta(days=30) + INSTANT, True),
        (NOW, True),
        (NOW + INSTANT, False),
    ],
)
def test_last(time: datetime, lies: bool) -> None:
    """T - 30d < t ≤ T."""
    assert inside(time, {"last": "30d"}, CLOCK) is lies


@pytest.mark.parametrize(
    ("time", "lies"),
    [
        (NOW - timedelta(days=90), False),
        (NOW - timedelta(days=90) + INSTANT, True),
        (NOW - timedelta(days=30), True),
        (NOW - timedelta(days=30) + INSTANT, False),
    ],
)
def test_between_ago(time: datetime, lies: bool) -> None:
    """T - 90d < t ≤ T - 30d."""
    assert inside(time, {"between_ago": ["90d", "30d"]}, CLOCK) is lies


@pytest.mark.parametrize(
    ("time", "lies"),
    [
        (shanghai(2, 1) - INSTANT, False),
        (shanghai(2, 1), True),
        (shanghai(2, 8) - INSTANT, True),
        (shanghai(2, 8), False),
    ],
)
@pytest.mark.parametrize(
    "window",
    [
        {"from": "2026-02-01T00:00:00+08:00", "to": "2026-02-07T16:00:00Z"},
        {"from": "2026-02-01", "to": "2026-02-08"},
    ],
)
def test_from_to(window: Any, time: datetime, lies: bool) -> None:
    """A ≤ t < b; a plain date is its beginning in the zone."""
    assert inside(time, window, CLOCK) is lies


@pytest.mark.parametrize(
    ("name", "first", "end"),
    [
        ("today", shanghai(3, 1), shanghai(3, 2)),
        ("yesterday", shanghai(2, 28), shanghai(3, 1)),
        ("this_week", shanghai(2, 23), shanghai(3, 2)),
        ("last_week", shanghai(2, 16), shanghai(2, 23)),
        ("this_month", shanghai(3, 1), shanghai(4, 1)),
        ("last_month", shanghai(2, 1), shanghai(3, 1)),
        ("this_year", shanghai(1, 1), datetime(2026, 12, 31, 16, tzinfo=UTC)),
    ],
)
def test_calendar(name: str, first: datetime, end: datetime) -> None:
    """From midnight to midnight of the zone, weeks from Monday."""
    window = {"calendar": name}
    times = (first - INSTANT, first, end - INSTANT, end)
    assert [inside(time, window, CLOCK) for time in times] == [False, True, True, False]


def test_the_zone_decides_which_day_it_is() -> None:
    """At 23:30 of Sunday in London it is Monday in Shanghai, so another week."""
    sunday = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    monday = {"calendar": "this_week"}
    earlier = sunday - timedelta(days=2)
    assert inside(earlier, monday, Clock(sunday, "Europe/London"))
    assert not inside(earlier, monday, Clock(sunday, SHANGHAI))


def test_a_day_may_have_23_hours() -> None:
    """Midnights are the zone's own: in New York 8 March 2026 loses an hour."""
    clock = Clock(datetime(2026, 3, 8, 12, tzinfo=UTC), "America/New_York")
    assert not inside(datetime(2026, 3, 8, 4, 59, tzinfo=UTC), {"calendar": "today"}, clock)
    assert inside(datetime(2026, 3, 8, 5, tzinfo=UTC), {"calendar": "today"}, clock)
    assert inside(datetime(2026, 3, 9, 3, 59, tzinfo=UTC), {"calendar": "today"}, clock)
    assert not inside(datetime(2026, 3, 9, 4, tzinfo=UTC), {"calendar": "today"}, clock)


def test_no_window_is_ever() -> None:
    """However long ago."""
    assert held({"event": "app.opened"}, opened(-10_000))
