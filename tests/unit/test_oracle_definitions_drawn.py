"""Definitions that hypothesis draws: each can be asked of each history, and laws hold that no node may break."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.oracle.definitions.conditions import holds
from deploy.oracle.definitions.explain import explain
from deploy.oracle.definitions.flips import flips, standing_still
from deploy.oracle.definitions.population import members_of, tag_values_of, world
from tests.strategies.definitions import borders, definitions, leaves, libraries, nodes, tags
from tests.strategies.histories import NOW, ORDERS_OF, histories, permutations

SLOW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@SLOW
@given(st.data(), histories())
def test_every_definition_has_an_answer(data, log):
    """Of everybody, with the reasons; a tag's tiers are tried in turn."""
    library = data.draw(libraries(log))
    definition, tag = data.draw(definitions(log, library)), data.draw(tags(log, library))
    everyone = world(log, NOW, as_of=data.draw(borders(log)), orders_of=ORDERS_OF, definitions=library)
    inside, values = members_of(everyone, definition), tag_values_of(everyone, tag)
    for person in everyone.everybody():
        assert explain(person, definition["where"])["holds"] is (person.root in inside)
        tiers = tag.get("tiers", [{"value": True, "where": tag.get("where")}])
        held = [tier["value"] for tier in tiers if holds(person, tier["where"])]
        assert values.get(person.root) == (held[0] if held else None)


@SLOW
@given(st.data(), histories(conflicts=False))
def test_arrival_does_not_matter(data, log):
    """The same events in another order lead to as many members; only who is called what may differ."""
    definition = data.draw(definitions(log).filter(lambda drawn: "sample" not in str(drawn)))
    again = data.draw(permutations(log))
    sizes = {len(members_of(world(one, NOW, orders_of=ORDERS_OF), definition)) for one in (log, again)}
    assert len(sizes) == 1


@SLOW
@given(st.data(), histories())
def test_nothing_changes_before_it_flips(data, log):
    """Halfway there, and a microsecond before, the outcome is what it was; there it is another."""
    node = data.draw(leaves(log))
    everyone = world(log, NOW, as_of=data.draw(borders(log)), orders_of=ORDERS_OF)
    at = standing_still(everyone)
    for root in everyone.view.roots()[:1]:
        before = holds(everyone.person(root), node)
        moment = flips(everyone, root, node, horizon=timedelta(days=40))
        if moment is not None:
            now = everyone.view.moment
            assert holds(at(moment).person(root), node) is not before
            assert holds(at(moment - timedelta(microseconds=1)).person(root), node) is before
            assert holds(at(now + (moment - now) / 2).person(root), node) is before


@SLOW
@given(st.data(), histories())
def test_not_and_all_and_any_are_what_they_are_called(data, log):
    """De Morgan's laws."""
    left, right = data.draw(nodes(log, depth=1)), data.draw(nodes(log, depth=1))
    everyone = world(log, NOW, orders_of=ORDERS_OF)
    for person in everyone.everybody():
        neither = {"all": [{"not": left}, {"not": right}]}
        assert holds(person, neither) is not holds(person, {"any": [left, right]})
