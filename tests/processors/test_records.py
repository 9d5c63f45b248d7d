"""What a stage has done, and whom it touched: ranges, touches and versions."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
from hypothesis import given
from hypothesis import strategies as st

from processors.records import Record, portions, ranges
from processors.touched import ADDRESSES_A_RECORD, touched_versions, touches
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
    records = touches(log, "touched", subjects)
    named = [(each.partition, subject) for each in records for subject in orjson.loads(each.value)]
    assert sorted(subject for _, subject in named) == sorted(subjects)
    assert all(partition == log.partition_for("touched", subject.encode()) for partition, subject in named)
    assert all(len(orjson.loads(each.value)) <= ADDRESSES_A_RECORD for each in records)
    assert all(each.partition in range(PARTITIONS) for each in records)


def test_the_version_is_the_last_touch() -> None:
    """Of several touches in a round the latest gives the version; versions start at 1, so 0 is older than any."""
    rounds = [record(b'["a", "b"]', 0), record(b'["a"]', 4), record(b'["b"]', 3), record(None, 9)]
    assert touched_versions(rounds) == {"a": 5, "b": 4}


def test_portions_keep_order_and_bound_bytes() -> None:
    """Portions are the records in their order; each has at most so many bytes, or is one record."""
    sizes = [3, 3, 9, 1, 1, 1, 1]
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    records = [Record("t", 0, i, moment, None, b"x" * size) for i, size in enumerate(sizes)]
    parts = list(portions(records, 4))
    assert [record for part in parts for record in part] == records
    assert [[len(record.value or b"") for record in part] for part in parts] == [[3], [3], [9], [1, 1, 1, 1]]
    assert list(portions([], 4)) == []
