"""What a stage has done, and whom it touched: ranges, touches and versions."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
from hypothesis import given
from hypothesis import strategies as st

from processors.records import Record, portions, ranges
from processors.touched import ADDRESSES_A_RECORD, flips, pass_step, touched, touches
from projections.membership.model import Cause
from projections.passes import Pass
from tests.processors.records import PARTITIONS, FakeLog, record

chunks = st.lists(st.integers(0, 2), max_size=12)


@given(chunks)
def test_ranges_cover_a_chunk_without_gap_or_overlap(partitions: list[int]) -> None:
    """Each partition once, from its first to its last offset, with the append time of the last; events counted once."""
    records = [record(b"", offset, partition) for offset, partition in enumerate(partitions)]
    done = ranges(records, 5, {("events", 1): {("touched", 0): 9}})
    mine = {partition: [r for r in records if r.partition == partition] for partition in set(partitions)}
    assert {(r.partition, r.first, r.last, r.watermark) for r in done} == {
        (partition, group[0].offset, group[-1].offset, group[-1].appended_at) for partition, group in mine.items()
    }
    assert len(done) == len(mine)
    assert sum(r.events for r in done) == (5 if done else 0)
    assert {r.partition: r.produced for r in done if r.produced} == ({1: {("touched", 0): 9}} if 1 in mine else {})


@given(st.sets(st.text("abc", min_size=1, max_size=8), max_size=1200))
def test_touches_name_everybody_once_in_their_own_partition(subjects: set[str]) -> None:
    """Whoever folds a customer is one worker; a record stays small."""
    log = FakeLog()
    records = touches(log, "touched", {subject: [Cause("event", "e1", "app.opened")] for subject in subjects})
    named = [(each.partition, subject) for each in records for subject, _ in orjson.loads(each.value)["touch"]]
    assert sorted(subject for _, subject in named) == sorted(subjects)
    assert all(partition == log.partition_for("touched", subject.encode()) for partition, subject in named)
    assert all(len(orjson.loads(each.value)["touch"]) <= ADDRESSES_A_RECORD for each in records)
    assert all(each.partition in range(PARTITIONS) for each in records)


def test_the_version_is_the_last_touch() -> None:
    """Of several touches in a round the latest gives the version; versions start at 1, so 0 is older than any."""
    both, first, second = (
        b'{"touch": [["a", [["event", "e1", "app.opened"]]], ["b", []]]}',
        b'{"touch": [["a", [["identity", "", ""]]]]}',
        b'{"flip": ["b", "c"]}',
    )
    found, steps = touched([record(both, 0), record(first, 4), record(second, 3), record(None, 9)])
    assert {root: each.version for root, each in found.items()} == {"a": 5, "b": 4, "c": 4}
    assert {root: each.is_folded for root, each in found.items()} == {"a": True, "b": True, "c": False}
    assert found["a"].causes == [Cause("event", "e1", "app.opened"), Cause("identity")]
    assert found["c"].causes == [Cause("time")]
    assert steps == []


def test_of_many_events_the_last_of_each_type_is_told() -> None:
    """A record stays small however often a person was touched."""
    many = [Cause("event", f"e{number}", f"custom.c{number % 3}") for number in range(50)]
    [written] = touches(FakeLog(), "touched", {"a": many})
    [[root, causes]] = orjson.loads(written.value)["touch"]
    assert root == "a"
    assert causes == [["event", f"e{number}", f"custom.c{number % 3}"] for number in (48, 49, 47)]


def test_flips_and_steps_of_passes_are_read_as_they_were_written() -> None:
    """Each in its partition."""
    planned = Pass(7, "definition", "segment:a@3", ("segment:a",), PARTITIONS, 2)
    written = [pass_step("touched", planned, 2, 1), *flips(FakeLog(), "touched", ["a"])]
    found, steps = touched([record(each.value, n, each.partition or 0) for n, each in enumerate(written)])
    [step] = steps
    assert (step.planned, step.partition, step.bucket) == (planned, 2, 1)
    assert list(found) == ["a"]


def test_portions_keep_order_and_bound_bytes() -> None:
    """Portions are the records in their order; each has at most so many bytes, or is one record."""
    sizes = [3, 3, 9, 1, 1, 1, 1]
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    records = [Record("t", 0, i, moment, None, b"x" * size) for i, size in enumerate(sizes)]
    parts = list(portions(records, 4))
    assert [record for part in parts for record in part] == records
    assert [[len(record.value or b"") for record in part] for part in parts] == [[3], [3], [9], [1, 1, 1, 1]]
    assert list(portions([], 4)) == []
