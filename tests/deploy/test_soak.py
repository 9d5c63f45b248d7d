"""What `cdp soak` says of samples."""

from __future__ import annotations

from deploy.chaos.soak import Sample, slope, trends


def test_a_slope_is_what_least_squares_say() -> None:
    """Of a straight line its own; of one moment, or of what stays, none."""
    assert slope([0, 10, 20, 30], [5, 6, 7, 8]) == 0.1
    assert slope([0, 10, 20], [4, 4, 4]) == 0
    assert slope([3], [7]) == 0


def test_what_comes_before_a_process_has_settled_counts_nothing() -> None:
    """Growth at the start is no leak; a process that was started again is looked at from there on."""
    before = [Sample(at, 1, 900.0, 9, 9) for at in range(10)]
    start = [Sample(10 + at, 2, 100.0 + 50 * at, 5, 4) for at in range(3)]
    later = [Sample(13 + at, 2, 300.0 + at / 3600, 5, 4) for at in range(7)]
    found = trends([*before, *start, *later])
    assert round(found["MiB"].an_hour, 6) == 1
    assert (found["MiB"].first, found["files"].last, found["threads"].most) == (300.0, 5, 4)
    assert found["files"].an_hour == 0
