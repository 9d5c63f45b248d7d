"""The rules of Burrow, each with the case it is for; they are evaluated over what a window of looks has seen."""

from __future__ import annotations

import pytest

from api.lag_state import INTERVALS, Point, Readers, State, judge

READ = Readers(any=True, of_partition=True)
LOOKS = range(INTERVALS + 1)


def window(committed: list[int], ends: list[int]) -> list[Point]:
    return [Point(3.0 * at, done, end) for at, (done, end) in enumerate(zip(committed, ends, strict=True))]


def judged(committed: list[int], ends: list[int], readers: Readers = READ, behind: float = 5.0) -> State:
    return judge(window(committed, ends), readers, behind, 10.0, full=True)


STANDING, GROWING = [100 for _ in LOOKS], [200 + 10 * at for at in LOOKS]


def test_a_lag_that_was_zero_anywhere_in_the_window_is_well():
    """A consumer that came so far lately is not stuck, whatever waits now."""
    assert judged(STANDING, [100, *GROWING[1:]]) == "ok"


def test_standing_still_while_something_waits_is_stalled():
    """Whether more comes or not."""
    assert judged(STANDING, GROWING) == "stalled"
    assert judged(STANDING, [200 for _ in LOOKS]) == "stalled"


def test_standing_still_with_nobody_to_read_it_is_stopped():
    """The group lives, but this partition is nobody's."""
    assert judged(STANDING, GROWING, Readers(any=True, of_partition=False)) == "stopped"


def test_moving_without_ever_coming_closer_is_a_warning():
    """The consumer is too slow for what comes."""
    assert judged([100 + 5 * at for at in LOOKS], GROWING) == "warn"
    assert judged([100 + 10 * at for at in LOOKS], GROWING) == "warn"


def test_coming_closer_once_is_well():
    """As long as answers are not stale; else it warns until they are fresh again."""
    moving = [100 + 5 * at for at in LOOKS[:-1]] + [190]
    assert judged(moving, GROWING) == "ok"
    assert judged(moving, GROWING, behind=11.0) == "warn"


def test_a_group_without_members_is_that_first_of_all():
    """Even with nothing waiting: what comes next will."""
    nobody = Readers(any=False, of_partition=False)
    assert judged(STANDING, STANDING, nobody, 0.0) == "no_members"
    assert judged(STANDING, GROWING, nobody) == "no_members"


@pytest.mark.parametrize(("behind", "state"), [(5.0, "ok"), (None, "ok"), (11.0, "warn")])
def test_before_the_window_is_full_nothing_is_called_stuck(behind: float | None, state: State):
    """Two looks do not make a standstill; being late is known all the same."""
    assert judge(window([100, 100], [200, 200]), READ, behind, 10.0, full=False) == state


def test_what_is_done_but_not_committed_is_well():
    """Nothing waits, though the offsets differ: they are committed twice a second."""
    assert judged([100 + 10 * at for at in LOOKS], GROWING, behind=0.0) == "ok"


def test_work_that_is_never_committed_is_stalled():
    """However far the ledger is: with the next restart all of it would be done again."""
    assert judged(STANDING, GROWING, behind=0.0) == "stalled"


def test_a_steady_stream_is_well():
    """A few records are always on their way; as long as none waits for a second, that is no lag."""
    assert judged([100 + 10 * at for at in LOOKS], [103 + 10 * at for at in LOOKS], behind=0.4) == "ok"
    assert judged([100 + 10 * at for at in LOOKS], [103 + 10 * at for at in LOOKS], behind=1.4) == "warn"
