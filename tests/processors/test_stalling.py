"""When a worker is taken to hang, and when it only takes its time."""

from __future__ import annotations

from collections.abc import Sequence

from processors.pulse import Sign
from processors.stalling import STEPS_OF_OTHERS, Sight, Stalling

ONE, TWO = ("events", 0), ("events", 1)
AFTER = 60.0


def sight(at: float, committed: int = 5, end: int = 9, signs: Sequence[Sign] = ()) -> Sight:
    """Partition ONE at a moment; TWO has nothing to do."""
    return Sight(at, [ONE, TWO], {ONE: committed, TWO: 3}, {ONE: 0, TWO: 0}, {ONE: end, TWO: 3}, signs)


def working(step: int, at: float, place: tuple[str, int] = ONE) -> Sign:
    """A step of the recorder on a partition."""
    return Sign("recorder", step, frozenset({place}), at)


def test_what_stands_still_while_records_wait_is_stalled() -> None:
    """No offset moves, no step runs: after the time it is this partition, and only this one."""
    stalling = Stalling(AFTER)
    assert stalling.look(sight(0)) == {}
    assert stalling.look(sight(60)) == {}
    assert stalling.look(sight(61, end=2000)) == {ONE: 61}


def test_a_moving_offset_is_progress() -> None:
    """However far behind, and however fast the lag grows."""
    stalling = Stalling(AFTER)
    for number in range(10):
        assert stalling.look(sight(50.0 * number, committed=number, end=1000 * number + 1)) == {}


def test_nothing_to_do_is_no_stall() -> None:
    """An idle worker stands still for years; the time counts from when records wait."""
    stalling = Stalling(AFTER)
    stalling.look(sight(0, committed=9))
    assert stalling.look(sight(1_000_000, committed=9)) == {}
    assert stalling.look(sight(1_000_001)) == {}


def test_what_expired_before_it_was_read_does_not_wait() -> None:
    """A group that never committed, on a partition whose records are past retention."""
    place = ("touched", 0)
    stalling = Stalling(AFTER)
    for at in (0.0, 100.0):
        assert stalling.look(Sight(at, [place], {}, {place: 40}, {place: 40})) == {}


def test_a_long_step_that_gives_signs_of_life_is_no_stall() -> None:
    """A pass over everybody takes minutes; each answered statement is a sign."""
    stalling = Stalling(AFTER)
    for at in range(0, 3600, 30):
        assert stalling.look(sight(at, signs=[working(1, at - 1)])) == {}


def test_a_step_that_hangs_is_a_stall() -> None:
    """It holds the records, and gives no sign any more."""
    stalling = Stalling(AFTER)
    stalling.look(sight(0, signs=[working(1, 0)]))
    assert stalling.look(sight(30, signs=[working(1, 20)])) == {}
    assert stalling.look(sight(79, signs=[working(1, 20)])) == {}
    late = sight(81, signs=[working(1, 20)])
    assert stalling.look(late) == {ONE: 61}
    assert stalling.silent(late) == ["recorder"]


def test_a_partition_may_wait_for_a_long_step_of_others() -> None:
    """It lies in the queue behind a step of its stage, or of another, that takes its time."""
    stalling = Stalling(AFTER)
    for at in range(0, 600, 30):
        assert stalling.look(sight(at, signs=[working(1, at, TWO)])) == {}


def test_a_partition_that_is_never_taken_is_stalled() -> None:
    """Others go on step by step, but this one is fetched no more (faust-streaming#629)."""
    stalling = Stalling(AFTER)
    found = [stalling.look(sight(at, signs=[working(at, at, TWO)])) for at in range(0, 100, 2)]
    first = next(number for number, each in enumerate(found) if each)
    assert found[first].keys() == {ONE}
    assert 2 * first <= AFTER + 2 * (STEPS_OF_OTHERS + 2)


def test_what_was_seen_before_a_server_was_away_counts_no_more() -> None:
    """Nothing can move without it."""
    stalling = Stalling(AFTER)
    stalling.look(sight(0))
    stalling.forget()
    assert stalling.look(sight(100)) == {}


def test_a_partition_that_moved_to_another_worker_is_not_judged() -> None:
    """And when it comes back, its time begins anew."""
    stalling = Stalling(AFTER)
    stalling.look(sight(0))
    assert stalling.look(Sight(100, [TWO], {}, {}, {ONE: 9})) == {}
    assert stalling.look(sight(101)) == {}
