"""Windows leave no gap, keep to what a platform allows, and come to an end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from deploy.pulling.windows import OVERLAP, Window, next_window

NOW = datetime(2026, 12, 1, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)


@given(st.integers(0, 90_000), st.integers(0, 2_000))
def test_windows_cover_all_up_to_the_goal(behind: int, reach: int) -> None:
    """Each begins in the one before by the overlap, none is too wide, none reaches beyond goal and earliest."""
    until = begin = NOW - timedelta(seconds=behind)
    earliest = begin - timedelta(seconds=reach)
    while window := next_window(until, NOW, HALF_AN_HOUR, earliest):
        assert window.start == max(until - OVERLAP, earliest)
        assert until < window.end <= NOW
        assert window.end - window.start <= HALF_AN_HOUR
        until = window.end
    assert until == NOW


@given(st.integers(1, 1_800))
def test_halves_are_the_whole(seconds: int) -> None:
    """Down to a second, of which there is but one."""
    window = Window(NOW, NOW + timedelta(seconds=seconds))
    halves = window.halves()
    assert (halves[0].start, halves[-1].end) == (window.start, window.end)
    assert len(halves) == (1 if seconds == 1 else 2)
    if len(halves) > 1:
        assert halves[0].end == halves[1].start > window.start
