"""Letters on their way: packed into records that Kafka takes, none lost, those of a source together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from processors.recorder.letters import letter_records
from processors.recorder.reading import letter
from schemas.dead_letter import DeadLetter, decode
from schemas.errors import Rejected
from schemas.topics import catalogue
from tests.processors.records import FakeLog, record

KIB = 1024


def dead(original: bytes, offset: int, source: str = "pos") -> DeadLetter:
    return letter(
        record(original, offset, headers={"source": source.encode()}), 0, original, Rejected("unreadable", "", "Why.")
    )


@given(sizes=st.lists(st.integers(0, 700 * KIB), max_size=6), sources=st.data())
def test_every_letter_arrives_in_records_that_fit(sizes: list[int], sources: st.DataObject) -> None:
    """In the order of each source, keyed by it; a record is full at half a MiB, only a longer letter stands alone."""
    names = [sources.draw(st.sampled_from(("pos", "shop"))) for _ in sizes]
    letters = [dead(b"x" * size, offset, name) for offset, (size, name) in enumerate(zip(sizes, names, strict=True))]
    records = letter_records(FakeLog(), "letters", letters)
    arrived = [decode(line) for each in records for line in each.value.splitlines()]
    for name in set(names):
        assert [each for each in arrived if each.source == name] == [each for each in letters if each.source == name]
    assert len(arrived) == len(letters)
    assert all(len(each.value) <= 513 * KIB or b"\n" not in each.value for each in records)
    assert {(each.key or b"").decode() for each in records} == set(names)


def test_the_largest_letter_fits_its_topic() -> None:
    """1 MiB of bytes that need escaping, as text or as base64, stays below what the topic takes."""
    most = int(catalogue()["dead_letters"].config["max.message.bytes"])
    for original in (b"\x01" * KIB * KIB, b"\xff" * KIB * KIB, b'"' * KIB * KIB, "🦊".encode() * (KIB * KIB // 4)):
        (written,) = letter_records(FakeLog(), "letters", [dead(original, 0)])
        assert len(written.value) < most
        assert decode(written.value).original == original


def test_nothing_is_written_without_letters() -> None:
    """An empty record would become a letter of its own."""
    assert letter_records(FakeLog(), "letters", []) == []
