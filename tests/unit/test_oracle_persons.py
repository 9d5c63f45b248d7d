"""Laws of persons: joining and parting leave no trace, and a dossier is the fold of its own events."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.oracle.fold import profiles
from deploy.oracle.identity import LINKED, UNLINKED
from deploy.oracle.model import Json, Logged
from deploy.oracle.owners import Known, known
from tests.strategies.customers import ADDRESSES
from tests.strategies.histories import NOW, ORDERS_OF, histories, moments
from tests.strategies.persons import link_of, renamed, strangers

laws = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
WORDS = {LINKED, UNLINKED}


def word(kind: str, pair: list[str], at: datetime, offset: int) -> Logged:
    """A link or unlink, which arrives after everything else."""
    return Logged("pos", link_of(kind, pair, at), 9, offset, 0, NOW + timedelta(minutes=1))


def lived(view: Known, root: str) -> list[tuple[str, str]]:
    """The person's timeline, but the two words on the pair."""
    return [event.key for event in view.events_of(root) if event.event["event_id"] not in WORDS]


@laws
@given(st.data(), histories())
def test_what_was_linked_and_then_unlinked_was_never_joined(data: st.DataObject, log: list[Logged]) -> None:
    """Of a pair nobody else speaks of: every dossier and timeline is as without both, but for the two in a timeline."""
    pair = data.draw(strangers(log))
    at = data.draw(moments(log).filter(lambda moment: moment < NOW))
    link, unlink = word(LINKED, pair, at, 0), word(UNLINKED, pair, data.draw(st.sampled_from((NOW, at))), 1)
    joined, parted = [*log, link], [*log, link, unlink]
    before, after = known(log, NOW, orders_of=ORDERS_OF), known(parted, NOW, orders_of=ORDERS_OF)
    view: dict[str, Any] = {"orders_of": ORDERS_OF}
    was, became = profiles(log, NOW, **view), profiles(parted, NOW, **view)
    assert {root: became[root] for root in was} == was
    assert {root: lived(after, root) for root in was} == {root: lived(before, root) for root in was}
    assert all(lived(after, root) == [] for root in became.keys() - was.keys())
    between = known(joined, NOW, orders_of=ORDERS_OF).people
    assert between.root(pair[0]) == between.root(pair[1])


def without_identifiers(dossiers: dict[str, Json]) -> dict[str, Json]:
    """By root, what else the dossiers say."""
    return {root: {key: part for key, part in one.items() if key != "identifiers"} for root, one in dossiers.items()}


@laws
@given(st.data(), histories())
def test_a_dossier_is_the_fold_of_exactly_its_subjects_events(data: st.DataObject, log: list[Logged]) -> None:
    """Where each person has one identifier from the start, all say the same: identity adds no fact and takes none."""
    at = data.draw(moments(log))
    view = known(log, at, orders_of=ORDERS_OF)
    asked: dict[str, Any] = {"as_of": at, "orders_of": ORDERS_OF}
    told = profiles(log, NOW, **asked)
    retold = {
        root.removeprefix("customer_no:"): one for root, one in profiles(renamed(log, view), NOW, **asked).items()
    }
    assert without_identifiers(retold) == without_identifiers(told)


@laws
@given(histories())
def test_everybody_is_one_person(log: list[Logged]) -> None:
    """Members point to one another, an identifier is in one dossier, a root is one of its own members."""
    people = known(log, NOW).people
    for address in ADDRESSES:
        members = people.members(address)
        assert address in members
        assert all(people.members(member) == members for member in members)
        assert people.root(address) in {None, *members}


@laws
@given(st.data(), histories())
def test_an_older_sighting_is_never_refused_for_a_younger_one(data: st.DataObject, log: list[Logged]) -> None:
    """But for crowds and unlinks, which have no time: what was refused for too many values stays so with more facts."""
    at = data.draw(moments(log))
    seen = [one for one in log if one.type != UNLINKED]
    then, now = (known(seen, moment).people for moment in (min(at, NOW), NOW))
    crowded = {edge for edge in then.refused if edge.rule == "too_many_values"}
    timeless = {edge.rule for edge in now.refused} & {"shared_value", "unlinked"}
    assert timeless or crowded <= set(now.refused)
