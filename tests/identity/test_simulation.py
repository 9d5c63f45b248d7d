"""A small mall: our rules hardly mix people up, where plain connected components make one of most."""

from __future__ import annotations

import pytest

from deploy.simulation.scoring import PLAIN, RULES, Score, score, true_people
from deploy.simulation.year import Mall, simulate
from projections.identity.weighing import resolve
from schemas.identity import DEFAULT_RULES

PEOPLE = 2000


@pytest.fixture(scope="module")
def mall() -> Mall:
    """One year of it."""
    return simulate(PEOPLE, seed=7)


@pytest.fixture(scope="module")
def scores(mall: Mall) -> dict[str, Score]:
    """What each rules come to."""
    sightings, owner = mall.sightings, mall.truth.owner
    truth = true_people(sightings, owner)
    return {name: score(resolve(sightings, rules), truth, owner) for name, rules in RULES.items()}


def test_the_same_seed_gives_the_same_year(mall: Mall):
    """Whatever is measured can be measured again."""
    again = simulate(PEOPLE, seed=7)
    assert (again.sightings, again.truth) == (mall.sightings, mall.truth)
    assert simulate(200, seed=8).sightings != simulate(200, seed=7).sightings


def test_our_rules_beat_plain_components(scores: dict[str, Score]):
    """Far fewer people are mixed up, and of each other's identifiers far fewer are held."""
    ours, plain = scores["our rules"], scores["plain connected components"]
    assert ours.precision > 0.9
    assert plain.precision < 0.05
    assert ours.recall > 0.98
    assert ours.biggest < 20 < PEOPLE // 10 < plain.biggest
    assert ours.people_mixed < PEOPLE // 10 < plain.people_mixed
    assert ours.missed < PEOPLE // 50


def test_each_limit_earns_its_keep(scores: dict[str, Score]):
    """Without either kind of limit more people are mixed up."""
    ours = scores["our rules"]
    assert scores["without people per value"].people_mixed > ours.people_mixed
    assert scores["without values per person"].people_mixed > ours.people_mixed


def test_plain_components_miss_nobody(scores: dict[str, Score]):
    """What was seen together is together: the price is all paid in wrong merges."""
    plain = scores["plain connected components"]
    assert (plain.missed, plain.recall) == (0, 1.0)


def test_the_truth_scores_perfectly(mall: Mall):
    """Persons made of what each truly owns mix nobody and miss nobody."""
    truth = true_people(mall.sightings, mall.truth.owner)
    best = score(truth, truth, mall.truth.owner)
    assert (best.mixed, best.missed, best.precision, best.recall) == (0, 0, 1.0, 1.0)


def test_plain_rules_limit_nothing():
    """They differ from ours in all that limits."""
    assert (PLAIN.never_join, PLAIN.people_per_value, PLAIN.mobile_phones_only) == ((), {}, False)
    assert PLAIN.most_values("member_id") > 10**6 > DEFAULT_RULES.most_values("member_id")
