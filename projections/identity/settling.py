"""One step of the resolver: from identifiers of which something changed to everybody's new root. It only reads."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from projections.database import Database
from projections.identity.keeping import Step, kept_refusals
from projections.identity.reading import (
    all_identities,
    all_refusals,
    all_sightings,
    all_subjects,
    counts,
    first_places,
)
from projections.identity.region import Region, all_roots, roots_in
from projections.identity.weighing import Pair, People, Refused, Sighting, resolve
from projections.moments import AsOf
from schemas.identity import IdentityRules


@dataclass(frozen=True, slots=True)
class Settlement:
    """What one step of the resolver comes to."""

    step: Step
    roots: Mapping[str, str]
    """Everybody's who was weighed."""
    refused: list[Refused]
    lifted: list[Pair]
    weighed: list[Sighting]


def settle(database: Database, seeds: AbstractSet[str], rules: IdentityRules, moment: AsOf, version: int) -> Settlement:
    """Weigh anew around some identifiers: those of new events, or of events that no longer stand."""
    region = Region(database, rules, moment)
    inside, people = region.around(seeds)
    everybody = inside | {member for each in inside for member in people.of(each)}
    places = first_places(database, everybody)
    roots = roots_in(people, everybody, places)
    step = _step(roots, region.roots, version)
    refused, lifted = _refusals(database, inside, people, region)
    read = (*region.sightings.values(), *region.fallen.values())
    weighed = [each for each in read if each.kind == "seen" and all(one in seeds for one in each.ids)]
    return Settlement(step, roots, refused, lifted, weighed)


def _step(roots: Mapping[str, str], before: Mapping[str, str], version: int) -> Step:
    """Only what changed."""
    return Step(version, {each: (was, root) for each, root in roots.items() if (was := before.get(each, each)) != root})


def _refusals(
    database: Database, inside: AbstractSet[str], people: People, region: Region
) -> tuple[list[Refused], list[Pair]]:
    """The refused pairs of those inside that are not kept as such, and those kept that no longer are."""
    now: dict[Pair, Refused] = {}
    for each in people.refused:
        one, other = each.pair
        if (one in inside or other in inside) and people.root.get(one, one) != people.root.get(other, other):
            now.setdefault(each.pair, each)
    read = [each for each in inside if each not in region.shared and not region.rules.refuses(each)]
    kept = kept_refusals(database, read)
    known = {pair: said[:3] for (one, other), said in kept.items() for pair in ((one, other), (other, one))}
    now |= _become_shared(database, inside & region.shared)
    return (
        [each for pair, each in now.items() if known.get(pair) != (each.rule, each.by.at[1], each.by.at[2])],
        [(one, other) for one, other in kept if (one, other) not in now and (other, one) not in now],
    )


def _become_shared(database: Database, shared: AbstractSet[str]) -> dict[Pair, Refused]:
    """The pairs of shared values that are kept as refused by a limit: now it is since the value is shared."""
    rows = kept_refusals(database, shared, "too_many_values")
    return {
        pair: Refused(pair, "shared_value", Sighting((at, event_id, source), "seen", pair))
        for pair, (_, event_id, source, at) in rows.items()
    }


def settle_all(database: Database, rules: IdentityRules, moment: AsOf, version: int) -> Settlement:
    """Weigh everything anew: when rules have changed, or nothing was ever weighed."""
    with _without_collector(), ThreadPoolExecutor(1) as meanwhile:
        sightings = all_sightings(database, moment)
        # ClickHouse has a processor of its own to find these on, while pairs are weighed here.
        kept = meanwhile.submit(lambda: (all_subjects(database), all_identities(database), all_refusals(database)))
        people = resolve(filter(counts, sightings), rules)
        subjects, before, once_refused = kept.result()
        roots = all_roots(people, subjects)
        refused = {
            each.pair: each
            for each in reversed(people.refused)
            if people.root.get(each.pair[0], each.pair[0]) != people.root.get(each.pair[1], each.pair[1])
        }
        lifted = [pair for pair in once_refused if pair not in refused and pair[::-1] not in refused]
        weighed = [each for each in sightings if each.kind == "seen"]
        alone = {each: each for each in before if each not in roots}
        step = _step(roots | alone if alone else roots, before, version)
        return Settlement(step, roots, list(refused.values()), lifted, weighed)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Millions of objects are made here, and stay: looking for garbage among them again and again finds none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
