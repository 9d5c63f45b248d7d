"""Of several claims on one id the first in the log stands, whatever the order they are seen in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from processors.recorder.judging import judge
from processors.recorder.reading import Candidate, candidate
from projections.claims import Claim, EventId
from projections.facts import Fact
from projections.places import Place
from schemas.sources import Source
from tests.processors.records import DOOR, START, event

SAID = {content: DOOR.admit(event("e", answer=content), Source("pos"), START) for content in ("a", "b")}
Where = tuple[int, int, int]


def claimed(place: tuple[int, int, int], event_id: str, content: str) -> Candidate:
    """An event at a place: (second, partition, offset)."""
    second, partition, offset = place
    said = replace(SAID[content], event_id=event_id)
    return candidate(Fact(said, "events", Place(START + timedelta(seconds=second), partition, offset, 0)), b"")


@dataclass
class Store:
    """What the recorder keeps of its verdicts."""

    claims: dict[EventId, list[Claim]] = field(default_factory=dict)
    facts: set[tuple[EventId, Place]] = field(default_factory=set)
    retracted: set[tuple[EventId, Place]] = field(default_factory=set)
    letters: set[tuple[EventId, Place]] = field(default_factory=set)

    def record(self, chunk: Sequence[Candidate]) -> None:
        verdict = judge(chunk, self.claims)
        for one in verdict.standing:
            known = self.claims.setdefault(one.id, [])
            if all(claim.place != one.fact.place for claim in known):
                known.append(Claim(one.fact.event.content_hash, "", one.fact.place))
            self.facts.add((one.id, one.fact.place))
        self.retracted |= {(event_id, claim.place) for event_id, claim in verdict.beaten}
        self.letters |= {(one.id, one.fact.place) for one in verdict.conflicts}
        self.letters |= {(event_id, claim.place) for event_id, claim in verdict.beaten_conflicts}
        assert len(verdict.standing) + len(verdict.repeated) + len(verdict.conflicts) == len(chunk)

    @property
    def standing(self) -> set[tuple[EventId, Place]]:
        return self.facts - self.retracted


places = st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 3))
logs = st.lists(
    st.builds(claimed, places, st.sampled_from(("e1", "e2")), st.sampled_from("ab")),
    max_size=8,
    unique_by=lambda c: c.fact.place,
)


def firsts(log: Sequence[Candidate]) -> dict[EventId, Candidate]:
    """The first in the log of each id."""
    found: dict[EventId, Candidate] = {}
    for one in sorted(log, key=lambda each: each.fact.place):
        found.setdefault(one.id, one)
    return found


@given(log=logs, data=st.data())
def test_the_first_in_the_log_stands_in_any_order_and_any_cut(log: list[Candidate], data: st.DataObject) -> None:
    """Chunks of any size in any order, some twice: what stands in the end is the first of each id, and only that."""
    store, rest = Store(), data.draw(st.permutations(log))
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        chunk, rest = rest[:size], rest[size:]
        store.record(chunk)
        if data.draw(st.booleans()):
            store.record(chunk)
    assert store.standing == {(event_id, one.fact.place) for event_id, one in firsts(log).items()}


@given(log=logs)
def test_in_log_order_exactly_the_differing_ones_are_conflicts(log: list[Candidate]) -> None:
    """Each event that says something else than the first of its id is a letter; a repeat is none."""
    store = Store()
    for one in sorted(log, key=lambda each: each.fact.place):
        store.record([one])
    first = firsts(log)
    differing = {(c.id, c.fact.place) for c in log if c.fact.event.content_hash != first[c.id].fact.event.content_hash}
    assert store.letters == differing


def test_a_later_claim_that_was_recorded_first_is_taken_back_as_a_conflict() -> None:
    """The earlier one is seen too late: it stands all the same, and the other is a letter."""
    late, early = claimed((2, 1, 0), "e1", "a"), claimed((1, 0, 0), "e1", "b")
    store = Store()
    store.record([late])
    store.record([early])
    assert store.standing == {(early.id, early.fact.place)}
    assert store.letters == {(late.id, late.fact.place)}


def test_the_same_record_delivered_again_is_no_repeat() -> None:
    """A redelivered chunk stands again, so that what a crash left out is written now."""
    one = claimed((1, 0, 0), "e1", "a")
    verdict = judge([one], {one.id: [Claim(one.fact.event.content_hash, "", one.fact.place)]})
    assert (list(verdict.standing), list(verdict.repeated)) == ([one], [])
