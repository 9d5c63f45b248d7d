"""Whom new facts concern: whose dossiers must be folded again, and who must be weighed again as one person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from projections.claims import find_claims
from projections.database import Database, Given, names
from projections.facts import VOIDED
from projections.identity.work import unweighed
from projections.membership.model import Cause
from projections.statements import statement
from schemas.event import Event

UNDONE = Cause("event", "", VOIDED)
"""A fact that no longer stands: another one of the same id was earlier in the log."""
_OF_KEYS = """
SELECT DISTINCT subject, thing, if(length(ids) > 1, ids, []) FROM events
WHERE (key_hash, key) IN (
    SELECT cityHash64(name), name FROM names)
"""
_OF_BATCHES = """
SELECT DISTINCT key FROM events
WHERE (toString(source), batch) IN (SELECT source, batch FROM batches)
"""
_VOIDS = """
SELECT toString(source), target, target_batch FROM voids
WHERE concat('void:', source, '/', event_id) IN (SELECT name FROM names)
"""


@dataclass(frozen=True, slots=True)
class Concerned:
    """Whom something concerns."""

    subjects: Mapping[str, Sequence[Cause]]
    """Subjects whose persons must be folded anew, and why."""
    seeds: set[str]
    """Identifiers around which it must be weighed anew who is one person."""


def concerned(database: Database, events: Sequence[Event], retracted: Iterable[str]) -> Concerned:
    """Everybody whom these new events, or facts that were retracted under these keys, may concern."""
    causes: dict[str, list[Cause]] = {}
    things: dict[str, list[Cause]] = {}
    for event in events:
        cause = Cause("event", event.event_id, event.type)
        if event.thing:
            things.setdefault(event.thing, []).append(cause)
        if event.subject and event.type != VOIDED:
            causes.setdefault(event.subject, []).append(cause)
    voiding = [Cause("event", event.event_id, VOIDED) for event in events if event.type == VOIDED][-1:]
    voids = [(e.source, e.data.get("event_id", ""), e.data.get("batch", "")) for e in events if e.type == VOIDED]
    gone, beside, seeds = _under(database, set(retracted))
    subjects, more, apart = _under(database, _voided_keys(database, voids, set()))
    for subject in subjects | gone:
        causes.setdefault(subject, []).extend(voiding or [UNDONE])
    for thing in beside | more:
        things.setdefault(thing, []).extend(voiding or [UNDONE])
    for subject, thing in claims_on(database, things):
        causes.setdefault(subject, []).extend(things[thing])
    # Whose first fact was retracted stands elsewhere in the log now, which may be behind another of its person.
    seeds |= gone | apart | unweighed(database, events)
    return Concerned(causes, seeds)


def claimants(database: Database, things: Iterable[str]) -> set[str]:
    """Everybody who was ever seen with some things."""
    return {subject for subject, _ in claims_on(database, things)}


def claims_on(database: Database, things: Iterable[str]) -> list[tuple[str, str]]:
    """(subject, thing) of everybody who was ever seen with some things."""
    wanted = list(things)
    if not wanted:
        return []
    return [(subject, thing) for subject, thing in database.tuples(statement("claimants"), tables=names(wanted))]


def _under(database: Database, keys: set[str]) -> tuple[set[str], set[str], set[str]]:
    """The subjects and things of the facts under some keys, and the identifiers they name together."""
    if not keys:
        return set(), set(), set()
    rows = database.tuples(_OF_KEYS, tables=names(keys))
    return (
        {subject for subject, _, _ in rows if subject},
        {thing for _, thing, _ in rows if thing},
        {each for _, _, ids in rows for each in ids},
    )


def _voided_keys(database: Database, voids: Sequence[tuple[str, str, str]], seen: set[str]) -> set[str]:
    """The keys of the facts that voids name; a void of a void concerns what that one names, and so on."""
    if not voids:
        return set()
    claims = find_claims(database, [(source, target) for source, target, _ in voids if target])
    keys = {claim.key for found in claims.values() for claim in found}
    batches = [(source, batch) for source, _, batch in voids if batch]
    if batches:
        keys |= {
            row[0]
            for row in database.tuples(_OF_BATCHES, tables={"batches": Given("source String, batch String", batches)})
        }
    further = {key for key in keys if key.startswith("void:")} - seen
    if further:
        named = database.tuples(_VOIDS, tables=names(further))
        keys |= _voided_keys(database, named, seen | further)
    return keys - further
