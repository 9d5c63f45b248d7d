"""What a step makes of a person: the changes, each with its cause, and what holds then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from projections.membership.changing import changed
from projections.membership.model import Cause, Change, Differing, Held, State, Step

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
EARLIER = NOW - timedelta(days=1)
REFS = ("segment:a", "segment:b", "tag:c", "tag:d")
ORDER, VIEW = Cause("event", "e-order", "order.completed"), Cause("event", "e-view", "page.viewed")
held = st.dictionaries(st.sampled_from(REFS), st.sampled_from(("true", '"x"', '"y"')))


@dataclass(frozen=True)
class Definitions:
    """All look at orders only, are of version 7, and compare nobody unless said so."""

    comparing: frozenset[str] = field(default_factory=frozenset)

    def version_of(self, ref: str) -> int:
        return 7

    def concerns(self, ref: str, event_type: str) -> bool:
        return event_type.startswith("order.")

    def compares_all(self, ref: str) -> bool:
        return ref in self.comparing


def differing(
    was: Mapping[str, str],
    now: Mapping[str, str],
    *,
    flips_at: datetime | None = None,
    refs: frozenset[str] | None = None,
    person: str = "p",
) -> Differing:
    state = State("root", "p", 3, tuple(Held(ref, was[ref], EARLIER) for ref in sorted(was)), flips_at)
    return Differing(state, person, tuple(sorted(now.items())), None, refs)


def step(*causes: Cause, building: Mapping[str, Cause] | None = None) -> Step:
    return Step(NOW, 2, 11, causes, building or {})


def of(changes: Sequence[Change]) -> dict[str, tuple[str, str]]:
    return {each.ref: (each.before, each.after) for each in changes}


@given(held, held, st.none() | st.frozensets(st.sampled_from(REFS)))
def test_what_holds_then_is_what_was_computed(
    was: dict[str, str], now: dict[str, str], refs: frozenset[str] | None
) -> None:
    """Of what was looked at, what was computed; of all else, what held. Each difference is one change."""
    seen = {ref: value for ref, value in now.items() if refs is None or ref in refs}
    changes, state = changed(differing(was, seen, refs=refs), step(ORDER), Definitions())
    kept = {} if refs is None else {ref: value for ref, value in was.items() if ref not in refs}
    assert {each.ref: each.value for each in state.held} == {**kept, **seen}
    assert {each.ref for each in changes} == {r for r in REFS if was.get(r) != {**kept, **seen}.get(r)}
    assert {each.since for each in state.held if each.ref not in of(changes)} <= {EARLIER}
    assert state.sequence == (4 if changes else 3)
    assert state.version == 11


def test_a_segment_is_left_for_false_and_a_tag_for_null() -> None:
    """As the contract writes a change."""
    changes, _ = changed(differing({"segment:a": "true", "tag:c": '"x"'}, {}), step(ORDER), Definitions())
    assert of(changes) == {"segment:a": ("true", "false"), "tag:c": ('"x"', "null")}
    entered, _ = changed(differing({}, {"segment:a": "true", "tag:c": '"x"'}), step(ORDER), Definitions())
    assert of(entered) == {"segment:a": ("false", "true"), "tag:c": ("null", '"x"')}


def test_the_same_step_makes_the_same_id_and_the_next_one_another() -> None:
    """A message that is sent again after a crash is known by its id."""
    [first], _ = changed(differing({}, {"segment:a": "true"}), step(ORDER), Definitions())
    [again], state = changed(differing({}, {"segment:a": "true"}), Step(EARLIER, 0, 5, [VIEW]), Definitions())
    assert first.change_id == again.change_id
    [left], _ = changed(Differing(state, "p", (), None, None), step(ORDER), Definitions())
    assert left.change_id != first.change_id
    assert left.sequence == first.sequence + 1


def test_the_cause_is_the_last_event_that_can_have_made_it() -> None:
    """What was viewed after the order did not."""
    [change], _ = changed(differing({}, {"segment:a": "true"}), step(ORDER, VIEW), Definitions())
    assert (change.cause, change.at) == (ORDER, NOW)


def test_a_merge_is_the_cause_when_no_event_can_be() -> None:
    """What one person did came to another."""
    [change], _ = changed(differing({}, {"segment:a": "true"}), step(Cause("identity"), VIEW), Definitions())
    assert change.cause == Cause("identity")


def test_time_is_the_cause_once_the_moment_has_come() -> None:
    """Even if something else happened to touch the customer; the change is dated when it came about."""
    flip = NOW - timedelta(minutes=3)
    [change], _ = changed(differing({"segment:a": "true"}, {}, flips_at=flip), step(VIEW), Definitions())
    assert (change.cause, change.at) == (Cause("time"), flip)


def test_a_new_definition_is_the_cause_while_it_is_built() -> None:
    """Whoever is met before the pass gets to it."""
    new = Cause("definition", "segment:a@7")
    [change], _ = changed(differing({}, {"segment:a": "true"}), step(VIEW, building={"segment:a": new}), Definitions())
    assert change.cause == new


def test_moved_boundaries_are_the_cause_where_customers_are_compared() -> None:
    """And nothing else can have been."""
    definitions = Definitions(frozenset({"segment:a"}))
    [change], _ = changed(differing({}, {"segment:a": "true"}), step(VIEW), definitions)
    assert change.cause == Cause("population")


def test_a_fact_that_was_read_before_its_touch_is_the_cause() -> None:
    """It is looked up: what the touch before it tells of did not do it."""
    late = Step(NOW, 2, 11, [VIEW], lately=lambda root, ref: ORDER if (root, ref) == ("root", "segment:a") else None)
    [change], _ = changed(differing({}, {"segment:a": "true"}), late, Definitions())
    assert change.cause == ORDER


def test_an_overdue_flip_is_not_forgotten_by_a_look_at_others() -> None:
    """Whoever looks at all of it next finds that time did it."""
    overdue = NOW - timedelta(seconds=2)
    _, state = changed(differing({}, {}, flips_at=overdue, refs=frozenset({"tag:c"})), step(), Definitions())
    assert state.flips_at == overdue


def test_who_is_nobody_any_more_leaves_under_the_former_id() -> None:
    """A person that went under another leaves all it was in."""
    changes, state = changed(differing({"segment:a": "true"}, {}, person=""), step(Cause("identity")), Definitions())
    assert [each.person_id for each in changes] == ["p"]
    assert (state.person_id, state.held) == ("p", ())


def test_of_a_part_the_next_flip_may_be_of_what_was_not_looked_at() -> None:
    """The earlier of both moments is kept."""
    later = NOW + timedelta(hours=1)
    _, state = changed(differing({}, {}, flips_at=later, refs=frozenset({"tag:c"})), step(), Definitions())
    assert state.flips_at == later
