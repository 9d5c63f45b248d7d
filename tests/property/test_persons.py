"""Laws of persons on the platform: no order of arrival matters, and what was joined can be parted without a trace."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.oracle.fold import profiles
from deploy.oracle.identity import LINKED, UNLINKED
from deploy.oracle.model import Json, Key, Logged
from deploy.oracle.owners import known
from projections.database import Database, Row
from projections.moments import AsOf
from projections.profiles import current_profile
from tests.property.answers import dossiers, events_of, kept, refusals, told_refusals
from tests.property.recording import record
from tests.property.sizes import chances, examples
from tests.strategies.customers import ADDRESSES
from tests.strategies.histories import NOW, ORDERS_OF, histories, permutations
from tests.strategies.persons import link_of, renamed, strangers

pytestmark = pytest.mark.clickhouse

_WORDS = {("pos", LINKED), ("pos", UNLINKED)}


def by_members(rows: dict[str, Row]) -> dict[tuple[str, ...], Json]:
    """Dossiers by all the identifiers of the person: which of them came first depends on the order of arrival."""
    return {tuple(rows[root]["members"]): one for root, one in dossiers(rows, NOW).items()}


def timelines(database: Database, rows: dict[str, Row]) -> dict[str, list[Key]]:
    """Everybody's events, but the two words on a pair."""
    told = {root: events_of(database, root, AsOf(NOW)) for root in rows}
    return {root: [key for key in events if key not in _WORDS] for root, events in told.items()}


@examples(10)
@given(data=st.data(), chance=chances)
def test_the_order_of_arrival_changes_nothing(database: Database, data: st.DataObject, chance: random.Random) -> None:
    """The same events in any order, over any partitions, in any chunks, repeated: the same persons and dossiers."""
    log = data.draw(histories())
    record(database, log, chance).fold()
    before = by_members(kept(database)), refusals(database)
    again = data.draw(permutations(log))
    record(database, again, chance, fold_each=data.draw(st.booleans())).fold()
    assert (by_members(kept(database)), refusals(database)) == before


@examples(12)
@given(log=histories(), chance=chances, data=st.data())
def test_who_is_one_person_is_what_the_oracle_says(
    database: Database, log: list[Logged], chance: random.Random, data: st.DataObject
) -> None:
    """An identifier leads to its person's dossier, or to none; whoever was not joined, by the oracle's rule."""
    record(database, log, chance, fold_each=data.draw(st.booleans())).fold()
    view = known(log, NOW, orders_of=ORDERS_OF)
    named = sorted({address for event in view.facts for address in event.ids})
    for address in data.draw(st.lists(st.sampled_from(named or ADDRESSES) | st.sampled_from(ADDRESSES), max_size=8)):
        root, row = view.people.root(address), current_profile(database, address)
        assert (row["root"] if row else None) == (root if root in view.roots() else None)
    assert refusals(database) == told_refusals(log)


@examples(8)
@given(log=histories(most=8), chance=chances, data=st.data())
def test_what_was_linked_and_then_unlinked_was_never_joined(
    database: Database, log: list[Logged], chance: random.Random, data: st.DataObject
) -> None:
    """Of a pair nobody else speaks of, each word folded as it came: dossiers and timelines are as without both."""
    pair = data.draw(strangers(log))
    record(database, log, chance).fold()
    before = kept(database)
    was, events = dossiers(before, NOW), timelines(database, before)
    link, unlink = _word(LINKED, pair, NOW - timedelta(days=1), 0), _word(UNLINKED, pair, NOW, 1)
    record(database, [link], chance, fresh=False).fold(2000)
    joined = [row["root"] if (row := current_profile(database, one)) else None for one in pair]
    assert joined[0] is not None
    assert joined[0] == joined[1]
    record(database, [unlink], chance, fresh=False).fold(3000)
    after = kept(database)
    became, told = dossiers(after, NOW), timelines(database, after)
    assert {root: became.get(root) for root in was} == was
    assert {root: told[root] for root in events} == events
    assert all(not told[root] for root in after.keys() - before.keys())


@examples(10)
@given(log=histories(), chance=chances)
def test_a_dossier_is_the_fold_of_exactly_its_subjects_events(
    database: Database, log: list[Logged], chance: random.Random
) -> None:
    """It says what a history says in which each of its events names the person alone, and nobody is ever joined."""
    record(database, log, chance).fold()
    found = dossiers(kept(database), NOW)
    alone = profiles(renamed(log, known(log, NOW, orders_of=ORDERS_OF)), NOW, orders_of=ORDERS_OF)
    assert _anonymous(found) == _anonymous({root.removeprefix("customer_no:"): one for root, one in alone.items()})


def _word(kind: str, pair: list[str], at: datetime, offset: int) -> Logged:
    """A link or unlink, which arrives after everything else."""
    return Logged("pos", link_of(kind, pair, at), 9, offset, 0, NOW + timedelta(minutes=1))


def _anonymous(found: dict[str, Json]) -> dict[str, Json]:
    """Dossiers without their identifiers."""
    return {root: {name: part for name, part in one.items() if name != "identifiers"} for root, one in found.items()}
