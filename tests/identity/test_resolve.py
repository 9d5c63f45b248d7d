"""Laws of bringing identifiers together, as a pure function: no order, no history, no size changes what is right."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from projections.identity.weighing import Kind, People, Sighting, resolve
from schemas.identifiers import PRIORITY
from schemas.identity import DEFAULT_RULES, IdentityRules

START = datetime(2026, 1, 1, tzinfo=UTC)
ADDRESSES = [
    *(f"user_id:u{each}" for each in range(3)),
    *(f"member_id:M{each}" for each in range(5)),
    "customer_no:C1",
    *(f"phone:+861380000000{each}" for each in range(3)),
    "phone:+862162345678",
    "email:a@x.example",
    *(f"device_id:d{each}" for each in range(3)),
    *(f"anonymous_id:a{each}" for each in range(4)),
    "wechat_openid:shop/o1",
    "oaid:app/w1",
]
TIGHT = IdentityRules(
    values_per_person={"member_id": 1, "phone": 1},
    values_per_person_otherwise=2,
    people_per_value={"phone": 1, "device_id": 2},
    blocked=("device_id:d0", "anonymous_id:*1"),
)

named = st.lists(st.sampled_from(ADDRESSES), min_size=2, max_size=5, unique=True)
kinds: st.SearchStrategy[Kind] = st.sampled_from(["seen"] * 6 + ["linked", "unlinked"])
rules = st.sampled_from([DEFAULT_RULES, TIGHT])


def sighting(number: int, ids: list[str] | tuple[str, ...], kind: Kind = "seen", second: int | None = None) -> Sighting:
    """What one event names; its identifiers as events list them."""
    at = START + timedelta(seconds=number if second is None else second)
    listed = sorted(ids, key=lambda each: (PRIORITY[each.partition(":")[0]], each))
    return Sighting((at, f"e{number}", "pos"), kind, tuple(listed), number)


@st.composite
def histories(draw: st.DrawFn) -> list[Sighting]:
    """Some sightings, several at one time."""
    said = draw(st.lists(st.tuples(named, kinds, st.integers(0, 20)), max_size=30))
    return [sighting(number, *each) for number, each in enumerate(said)]


def partition(people: People) -> set[frozenset[str]]:
    """Persons as sets."""
    return set(map(frozenset, people.members.values()))


@given(histories(), rules, st.randoms(use_true_random=False))
def test_no_order_of_arrival_changes_who_is_one_person(
    history: list[Sighting], by: IdentityRules, chance: random.Random
) -> None:
    """Any permutation comes to the same persons and the same refusals."""
    shuffled = history[:]
    chance.shuffle(shuffled)
    people, again = resolve(history, by), resolve(shuffled, by)
    assert partition(people) == partition(again)
    assert people.refused == again.refused
    assert people.joins == again.joins


@given(histories(), rules)
def test_roots_and_members_say_the_same(history: list[Sighting], by: IdentityRules) -> None:
    """Each joined identifier has one root, and is among the members of that root."""
    people = resolve(history, by)
    assert people.root == {each: root for root, those in people.members.items() for each in those}
    assert all(len(set(those)) == len(those) > 1 for those in people.members.values())


@given(histories(), rules, named.map(lambda ids: ids[:2]))
def test_link_and_unlink_are_as_neither(history: list[Sighting], by: IdentityRules, pair: list[str]) -> None:
    """Two that nothing else names together: linked and later unlinked, all is as if neither had been."""
    others = [each for each in history if not set(pair) <= set(each.ids)]
    both = [sighting(100, pair, "linked"), sighting(101, pair, "unlinked")]
    assert partition(resolve(others + both, by)) == partition(resolve(others, by))


@given(histories(), named.map(lambda ids: ids[:2]))
def test_what_is_unlinked_is_joined_by_others_only(history: list[Sighting], pair: list[str]) -> None:
    """A pair that was unlinked last is never joined for being named together, earlier or later."""
    people = resolve([*history, sighting(100, pair, "unlinked")], DEFAULT_RULES)
    assert {tuple(pair), tuple(pair[::-1])}.isdisjoint(joined for joined, _ in people.joins)


@settings(max_examples=30)
@given(st.lists(st.sampled_from(ADDRESSES), min_size=2, max_size=8), rules)
def test_cyclic_and_self_links_do_no_harm(ring: list[str], by: IdentityRules) -> None:
    """Links in a ring, of identifiers with themselves too, join all that is not blocked: once."""
    pairs = list(zip(ring, [*ring[1:], ring[0]], strict=True))
    people = resolve([sighting(number, pair, "linked") for number, pair in enumerate(pairs)], by)
    assert len(people.joins) == sum(len(those) - 1 for those in people.members.values())
    if by is DEFAULT_RULES:
        assert partition(people) == ({frozenset(ring)} if len(set(ring)) > 1 else set())


def within_limits(people: People) -> bool:
    """Whether nobody has more values of a type than the rules allow."""
    return all(
        count <= DEFAULT_RULES.most_values(kind)
        for those in people.members.values()
        for kind, count in Counter(each.partition(":")[0] for each in those).items()
    )


def test_a_chain_of_ten_thousand_is_cut_by_limits():
    """Phones and devices in one long row: nobody grows beyond the limits, and a neighbour is as ever."""
    row = [f"phone:+8613{each:09d}" if each % 2 else f"device_id:d{each}" for each in range(10_000)]
    pairs = list(pairwise(row))
    neighbour = ("member_id:M1", "phone:+8615900000000")
    people = resolve([sighting(number, pair) for number, pair in enumerate([*pairs, neighbour])], DEFAULT_RULES)
    assert within_limits(people)
    assert {each.rule for each in people.refused} == {"too_many_values"}
    assert set(people.of("member_id:M1")) == set(neighbour)


def test_a_star_around_one_tablet_joins_nobody_to_it():
    """Ten thousand members sign up on one tablet: each keeps the own phone, and none the tablet."""
    tablet = "device_id:tablet"
    own = [(f"member_id:M{each}", f"phone:+8613{each:09d}") for each in range(10_000)]
    people = resolve([sighting(number, [*pair, tablet]) for number, pair in enumerate(own)], DEFAULT_RULES)
    assert people.of(tablet) == [tablet]
    assert partition(people) == set(map(frozenset, own))
    assert Counter(each.rule for each in people.refused) == {"shared_value": 20_000}


def test_a_user_with_ten_thousand_visitors_keeps_the_first():
    """A script signs one user in again and again: the first visitors are the user's, as many as may be."""
    pairs = [("user_id:u1", f"anonymous_id:a{each:05d}") for each in range(10_000)]
    people = resolve([sighting(number, pair) for number, pair in enumerate(pairs)], DEFAULT_RULES)
    assert set(people.of("user_id:u1")) == {"user_id:u1", *(f"anonymous_id:a{each:05d}" for each in range(20))}
    assert len(people.refused) == 10_000 - 20


def test_ten_thousand_linked_outright_are_one():
    """Links override limits: whoever says so gets one person of any size, in a row or all to one."""
    row = [f"anonymous_id:a{each}" for each in range(10_000)]
    for pairs in (list(pairwise(row)), [(row[0], each) for each in row[1:]]):
        people = resolve([sighting(number, pair, "linked") for number, pair in enumerate(pairs)], DEFAULT_RULES)
        assert partition(people) == {frozenset(row)}


def test_people_of_a_value_are_counted_whatever_their_priority():
    """Rules may count people by a type that stands after the value it is seen with."""
    by = IdentityRules(people_types=("wechat_unionid",), people_per_value={"phone": 1})
    phone = "phone:+8613800000001"
    people = resolve([sighting(each, [phone, f"wechat_unionid:o{each}"]) for each in range(2)], by)
    assert {each.rule for each in people.refused} == {"shared_value"}
