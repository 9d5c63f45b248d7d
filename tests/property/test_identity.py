"""Who is one person: whatever is kept, and whatever is weighed as of a time, is what the oracle says."""

from __future__ import annotations

import random
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.oracle.identity import people
from deploy.oracle.log import visible
from deploy.oracle.model import By, Logged
from projections.database import Database
from projections.identity.people import graph, people_of
from projections.identity.reading import all_sightings, counts, identities_of
from projections.identity.weighing import resolve
from projections.moments import AsOf
from schemas.identity import DEFAULT_RULES
from tests.property.recording import record
from tests.property.sizes import chances, examples
from tests.strategies.customers import ADDRESSES
from tests.strategies.histories import NOW, histories, moments

pytestmark = pytest.mark.clickhouse


def parted(root: dict[str, str]) -> set[frozenset[str]]:
    """A partition as sets."""
    groups: dict[str, set[str]] = {}
    for address in ADDRESSES:
        groups.setdefault(root.get(address, address), set()).add(address)
    return set(map(frozenset, groups.values()))


@examples(60)
@given(log=histories(), chance=chances, data=st.data())
def test_who_is_one_person_is_what_the_oracle_says(
    database: Database, log: list[Logged], chance: random.Random, data: st.DataObject
) -> None:
    """As kept, step by step in any chunks; all at once; and as of any time, by occurrence and by knowledge."""
    record(database, log, chance).resolve()
    facts = visible(log, NOW)
    told = people(facts, log)
    expected = {frozenset(told.members(address)) for address in ADDRESSES}

    roots, members = identities_of(database, ADDRESSES)
    assert parted(roots) == expected
    assert {frozenset(those) for those in members.values()} == expected
    assert {each: root for each, root in roots.items() if told.root(each)} == {
        each: told.root(each) for each in ADDRESSES if told.root(each)
    }

    whole = resolve(filter(counts, all_sightings(database, AsOf(NOW))), DEFAULT_RULES)
    assert {frozenset(whole.of(each)) for each in ADDRESSES} == expected
    assert sorted((*each.pair, each.rule, each.by.at[2], each.by.at[1]) for each in whole.refused) == sorted(
        {(each.a, each.b, each.rule, *earliest(facts, each.event)) for each in told.refused}
    )

    at, by = data.draw(moments(log)), data.draw(st.sampled_from(get_args(By)))
    moment = AsOf(at) if by == "occurred_at" else AsOf(at, at)
    then = people(visible(log, at, by), log)
    for address in data.draw(st.lists(st.sampled_from(ADDRESSES), min_size=1, max_size=4)):
        found = people_of(database, [address], moment)
        assert [frozenset(each) for each in found.values()] == [frozenset(then.members(address))], (address, at, by)
        assert set(graph(database, [address], moment).people.of(address)) == set(then.members(address))


def earliest(facts: list[Logged], key: tuple[str, str]) -> tuple[str, str]:
    """Of the events that name the same identifiers, only the first is weighed."""
    said = next(event for event in facts if event.key == key)
    if said.type in ("customer.linked", "customer.unlinked"):
        return key
    same = [
        event
        for event in facts
        if event.ids == said.ids and event.type not in ("customer.linked", "customer.unlinked", "event.voided")
    ]
    return min(same, key=lambda event: event.moment).key
