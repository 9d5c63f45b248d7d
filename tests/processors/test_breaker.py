"""The breaker: too much refused holds the recorder, however chunks are cut and however often it restarts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.recorder.breaker import Excess, Limits, excess
from projections.breaker import Tally

START = datetime(2026, 11, 22, tzinfo=UTC)
LIMITS = Limits(events=20, ratio=0.5, run=8, within=timedelta(seconds=60))


def tally(second: float, taken: int = 0, refused: int = 0) -> Tally:
    return Tally(START + timedelta(seconds=second), taken, refused)


def bad(count: int, *, every: float = 0.1, begin: float = 0) -> list[Tally]:
    return [tally(begin + n * every, refused=1) for n in range(count)]


def good(count: int, *, every: float = 0.1, begin: float = 0) -> list[Tally]:
    return [tally(begin + n * every, taken=1) for n in range(count)]


def test_all_refused_trips_beyond_the_run() -> None:
    """So many in a row pass, one more does not."""
    assert excess([], bad(8), LIMITS) is None
    assert excess([], bad(9), LIMITS) == Excess("run", 9, 9)
    assert excess(bad(5), bad(4, begin=1), LIMITS) == Excess("run", 9, 9)


def test_a_good_event_ends_a_run() -> None:
    """Whoever's it is."""
    assert excess([*bad(5), tally(0.6, taken=1)], bad(8, begin=1), LIMITS) is None


def test_a_good_event_of_later_does_not() -> None:
    """It is told by the log's time: what another partition holds further on does not excuse what is before it."""
    assert excess([*bad(5), tally(9, taken=1)], bad(4, begin=1), LIMITS) is not None


def test_the_share_of_the_latest_events_trips() -> None:
    """Of 20 events more than 10, though no run is long."""
    mixed = [each for n in range(10) for each in (tally(n, refused=1), tally(n + 0.5, taken=1))]
    assert excess([], mixed, LIMITS) is None
    assert excess(mixed, [tally(10, refused=2)], LIMITS) == Excess("ratio", 20, 11)


def test_of_few_events_the_share_says_nothing() -> None:
    """Three of four at night are no deploy gone wrong."""
    assert excess([tally(0, taken=1)], [tally(1, refused=3)], LIMITS) is None


def test_a_trickle_from_one_bad_channel_holds_nobody_up() -> None:
    """One every ten seconds for ever: there are never more than six within a minute."""
    assert excess([], bad(500, every=10), LIMITS) is None


def test_a_bad_channel_among_busy_good_ones_holds_nobody_up() -> None:
    """A third of all is bad."""
    mixed = [each for n in range(100) for each in (tally(n, refused=1), tally(n + 0.5, taken=2))]
    assert excess([], mixed, LIMITS) is None


def test_limits_can_be_taken_away() -> None:
    """A run of 0 and a ratio of 1 are none."""
    assert excess([], bad(900), Limits(20, 1.0, 0, timedelta(seconds=60))) is None


def test_what_is_only_remembered_does_not_trip_again() -> None:
    """An operator let it through: only what is at hand is judged."""
    assert excess(bad(50), [tally(100, refused=1)], LIMITS) is None
    assert excess(bad(50), good(5, begin=6), LIMITS) is None


@given(cuts=st.lists(st.integers(1, 30), min_size=1, max_size=40), restarts=st.lists(st.integers(1, 30), max_size=20))
def test_no_cut_and_no_restart_lets_more_through(cuts: Sequence[int], restarts: Sequence[int]) -> None:
    """100 % poison: at most a run of it ever becomes letters, whatever chunks a worker and its successors see."""
    poison = bad(200)
    passed = 0
    for size in [*cuts, *restarts]:
        chunk = poison[passed : passed + size]
        if excess(poison[:passed], chunk, LIMITS) is None:
            passed += len(chunk)
    assert passed <= LIMITS.run


@given(
    events=st.lists(st.booleans(), max_size=120),
    cuts=st.lists(st.integers(1, 25), min_size=1, max_size=30),
)
def test_cutting_changes_nothing_of_the_verdict(events: list[bool], cuts: Sequence[int]) -> None:
    """Somewhere in a history too much is refused, or it is not: in one chunk as in many."""
    history = [tally(n, taken=1) if ok else tally(n, refused=1) for n, ok in enumerate(events)]
    place, verdicts = 0, []
    for size in [*cuts, len(history)]:
        verdicts.append(excess(history[:place], history[place : place + size], LIMITS))
        place += size
    assert any(verdicts) == (excess([], history, LIMITS) is not None)


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_refused_is_nothing_to_judge(count: int) -> None:
    """However it went before."""
    assert excess(bad(100), good(count, begin=11), LIMITS) is None
