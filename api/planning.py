"""What several definitions together would change, before any is put: who enters, who leaves, what depends on them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.asking import with_cuts
from api.checking import check, in_order, users_of
from api.definitions_view import named
from api.identified import identified
from api.preconditions import etag
from api.services import Services
from projections.evaluating import PERSONS_AT_ONCE, Asked, evaluate, everybody
from projections.library import Entry, Library, ref_of
from projections.moments import AsOf
from schemas.definitions import Definition, InvalidDefinition, Refusal, canonical, cost, parse
from schemas.definitions.limits import MAX_REFUSALS

MOST_DEFINITIONS = 200
_EXAMPLES = 5
_NOBODY: tuple[tuple[str, str], ...] = ()


class PlanBody(BaseModel):
    """Definitions to be looked at together; each says its key, and a tag its kind unless it has tiers."""

    model_config = ConfigDict(extra="forbid")

    definitions: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MOST_DEFINITIONS)]


@dataclass(slots=True)
class Moved:
    """What becomes of one definition's members; those who stay with another value are `revalued`."""

    before: int = 0
    after: int = 0
    entering: int = 0
    leaving: int = 0
    revalued: int = 0
    examples: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: {"entering": [], "leaving": []})

    def see(self, person: tuple[str, str], was: str | None, now: str | None) -> None:
        """Count one person (root, person_id); None: not in it."""
        self.before += was is not None
        self.after += now is not None
        if (was is None) == (now is None):
            self.revalued += was != now
            return
        how = "entering" if was is None else "leaving"
        self.entering += was is None
        self.leaving += now is None
        if len(self.examples[how]) < _EXAMPLES:
            self.examples[how].append(person)


def plan(platform: Services, said: PlanBody) -> dict[str, Any]:
    """Evaluate everybody by what is in force and by what would be. Raises InvalidDefinition."""
    view = platform.in_force.view()
    definitions = read(said.definitions)
    refuse_unsound(definitions, view.library)
    after = with_new(view.library, definitions)
    changed = [each for each in definitions if what(each, view.library) != "same"]
    concerned = concern(changed, view.library, after)
    asked = Asked(AsOf(datetime.now(UTC), kept=True), platform.terms, view.boundaries, view.cuts)
    moved = _moved(platform, view.library, after, concerned, asked) if concerned else {}
    planned = [_shown(platform, each, view.library, after, moved, asked.moment) for each in in_order(definitions)]
    return {"data": planned, "changes": len(changed)}


def read(bodies: Sequence[dict[str, Any]]) -> list[Definition]:
    """Read them all. Raises InvalidDefinition with pointers that begin with /definitions/N."""
    found: list[Definition] = []
    refusals: list[Refusal] = []
    for number, body in enumerate(bodies):
        try:
            found.append(parse(body))
        except InvalidDefinition as wrong:
            refusals += [replace(each, pointer=f"/definitions/{number}{each.pointer}") for each in wrong.refusals]
    refs = [each.ref for each in found]
    if twice := next((ref for ref in refs if refs.count(ref) > 1), None):
        refusals.append(Refusal("/definitions", f"The {twice[0]} {twice[1]} is defined twice."))
    if refusals:
        raise InvalidDefinition(refusals[:MAX_REFUSALS])
    return found


def refuse_unsound(definitions: Sequence[Definition], library: Library) -> None:
    """Raises InvalidDefinition when they could not be in force together, with pointers as those of `read`."""
    places = {each.ref: number for number, each in enumerate(definitions)}
    wrong = [
        replace(each, pointer=f"/definitions/{places[each.of]}{each.pointer}")
        for each in check(definitions, library)
        if each.of is not None
    ]
    after = with_new(library, definitions)
    live = [entry.definition for entry in after.entries.values() if entry.definition.status == "live"]
    for each in definitions:
        if each.status != "live" and (users := users_of(each.ref, live)):
            names = ", ".join(key for _, key in sorted(users))
            where = f"/definitions/{places[each.ref]}/status"
            wrong.append(Refusal(where, f"This is used by what is live: {names}.", code="in_use"))
    if wrong:
        raise InvalidDefinition(wrong[:MAX_REFUSALS])


def with_new(library: Library, definitions: Sequence[Definition]) -> Library:
    """The library as it would be."""
    new = {ref_of(each.ref): Entry(each, library.version + 1, "", None) for each in definitions}
    return Library(library.version + 1, {**library.entries, **new})


def what(definition: Definition, library: Library) -> str:
    """Whether it is new, changed or the same."""
    entry = library.entries.get(ref_of(definition.ref))
    return "new" if entry is None else "same" if entry.definition == definition else "changed"


def concern(changed: Sequence[Definition], before: Library, after: Library) -> frozenset[str]:
    """The definitions whose members may be others: the changed ones, and all that refer to them, before or after."""
    refs = frozenset(ref_of(each.ref) for each in changed)
    return before.dependents(refs) | after.dependents(refs)


def _moved(
    platform: Services, before: Library, after: Library, refs: Collection[str], asked: Asked
) -> dict[str, Moved]:
    moved = {ref: Moved() for ref in refs}
    people = everybody(platform.database, asked.moment)
    there = frozenset(refs) & frozenset(after.refs)
    cut = with_cuts(platform, after.live, platform.in_force.program(after, there), asked) if there else asked
    for part in _parts(people):
        was = _pairs(platform, before, refs, part, asked)
        now = _pairs(platform, after, refs, part, cut)
        for person in was.keys() | now.keys():
            old, new = was.get(person, {}), now.get(person, {})
            for ref in old.keys() | new.keys():
                moved[ref].see(person, old.get(ref), new.get(ref))
    return moved


def _pairs(
    platform: Services, library: Library, refs: Collection[str], people: Mapping[str, list[str]], asked: Asked
) -> dict[tuple[str, str], dict[str, str]]:
    """What holds of some persons, (root, person_id), by a library."""
    there = frozenset(refs) & frozenset(library.refs)
    if not there:
        return {}
    program = platform.in_force.program(library, there)
    found = evaluate(platform.database, program, people, asked)
    return {(each.root, each.person_id): dict(each.pairs) for each in found}


def _parts(people: Mapping[str, list[str]]) -> Iterator[dict[str, list[str]]]:
    rest = iter(people.items())
    while part := dict(islice(rest, PERSONS_AT_ONCE)):
        yield part


def _shown(
    platform: Services,
    definition: Definition,
    before: Library,
    after: Library,
    moved: Mapping[str, Moved],
    moment: AsOf,
) -> dict[str, Any]:
    ref = ref_of(definition.ref)
    entry = before.entries.get(ref)
    found = moved.get(ref)
    return {
        "kind": definition.kind,
        "key": definition.key,
        "name": named(definition.name),
        "status": definition.status,
        "change": what(definition, before),
        "etag": etag(entry) if entry else None,
        "cost": cost(definition),
        "size": _sizes(found),
        "entering": _examples(platform, found, "entering", moment),
        "leaving": _examples(platform, found, "leaving", moment),
        "dependents": _dependents(definition, after, moved),
        "definition": canonical(definition),
    }


def _sizes(found: Moved | None) -> dict[str, int] | None:
    """Null where nothing would change."""
    if found is None:
        return None
    counts = ("before", "after", "entering", "leaving", "revalued")
    return {name: getattr(found, name) for name in counts}


def _examples(platform: Services, found: Moved | None, how: str, moment: AsOf) -> list[dict[str, Any]]:
    return identified(platform, found.examples[how] if found else _NOBODY, moment)


def _dependents(definition: Definition, after: Library, moved: Mapping[str, Moved]) -> list[dict[str, Any]]:
    """Everything that refers to it, with what would become of its members."""
    standing = [entry.definition for entry in after.entries.values()]
    direct = {ref_of(each) for each in users_of(definition.ref, standing)}
    every = direct | (after.dependents(frozenset({ref_of(definition.ref)})) - {ref_of(definition.ref)})
    return [
        {"kind": kind, "key": key, "direct": ref in direct, "size": _sizes(moved.get(ref))}
        for ref in sorted(every)
        for kind, _, key in [ref.partition(":")]
    ]
