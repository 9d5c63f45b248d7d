"""The library: every segment and tag that is defined, built in or said by operators, and which of them are computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import blake2b

import structlog

from projections.controls import NEVER, Said, definitions_said
from projections.database import Database
from projections.moments import FOREVER, AsOf
from schemas.builtin import builtin_definitions
from schemas.control import DELETED
from schemas.definitions import (
    Definition,
    DefinitionKind,
    InvalidDefinition,
    Ref,
    Refusal,
    SegmentDefinition,
    check_graph,
    parse,
    references,
)
from schemas.definitions.relevance import compares_all, looked_at

_log = structlog.get_logger(__name__)
_EVER = AsOf(FOREVER)
BUILT_IN = "built in"
COMPILED_AS = 1
"""Grows when the same definition is computed in another way than before: everybody is then evaluated anew."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A definition in force; version 0 is the built-in one."""

    definition: Definition
    version: int
    author: str
    since: datetime | None

    @property
    def ref(self) -> str:
        """segment:key or tag:key."""
        return ref_of(self.definition.ref)


@dataclass(frozen=True)
class Library:
    """All definitions by ref; `version` is the greatest control version among them."""

    version: int
    entries: Mapping[str, Entry]

    @cached_property
    def live(self) -> tuple[Definition, ...]:
        """Those that are computed: live, and with all that they refer to."""
        found = {e.definition.ref: e.definition for e in self.entries.values() if e.definition.status == "live"}
        while wrong := {refused.of for refused in check_graph(found.values())}:
            found = {ref: each for ref, each in found.items() if ref not in wrong}
        return tuple(found[ref] for ref in sorted(found))

    @cached_property
    def fingerprint(self) -> str:
        """The same for libraries that say the same of the same facts."""
        said = "\n".join(f"{ref_of(each.ref)} {each.content_hash}" for each in self.live)
        return blake2b(f"{COMPILED_AS}\n{said}".encode(), digest_size=16).hexdigest()

    @cached_property
    def refs(self) -> tuple[str, ...]:
        """The refs of the live ones, sorted."""
        return tuple(ref_of(each.ref) for each in self.live)

    @property
    def limited(self) -> tuple[str, ...]:
        """The refs of the live segments that hold so many customers at most."""
        return tuple(ref_of(each.ref) for each in self.live if isinstance(each, SegmentDefinition) and each.limit)

    def version_of(self, ref: str) -> int:
        """The version in force; 0 for a built-in one, and for none."""
        entry = self.entries.get(ref)
        return entry.version if entry else 0

    def dependents(self, refs: frozenset[str]) -> frozenset[str]:
        """Some definitions with all that refer to them, directly or not."""
        found = set(refs)
        while (
            more := {ref_of(each.ref) for each in self.live if any(ref_of(ref) in found for ref in references(each))}
            - found
        ):
            found |= more
        return frozenset(found)

    @cached_property
    def _looked_at(self) -> Mapping[str, tuple[str, ...]]:
        own = {ref_of(each.ref): set(looked_at(each)) for each in self.live}
        for _ in own:
            before = {ref: set(parts) for ref, parts in own.items()}
            for each in self.live:
                own[ref_of(each.ref)].update(*(before.get(ref_of(ref), set()) for ref in references(each)))
            if own == before:
                break
        return {ref: tuple(parts) for ref, parts in own.items()}

    @cached_property
    def _comparing_all(self) -> frozenset[str]:
        return self.dependents(frozenset(ref_of(each.ref) for each in self.live if compares_all(each)))

    def compares_all(self, ref: str) -> bool:
        """Whether a definition compares a customer with all others."""
        return ref in self._comparing_all

    @property
    def of_population(self) -> frozenset[str]:
        """Those that may change for anybody when the boundaries move."""
        return self._comparing_all

    def concerns(self, ref: str, event_type: str) -> bool:
        """Whether events of a type can change what a definition says."""
        return event_type.startswith(self._looked_at.get(ref, ("",)))


def ref_of(ref: Ref) -> str:
    """As one text."""
    return f"{ref[0]}:{ref[1]}"


def as_ref(text: str) -> Ref:
    """Kind and key of such a text."""
    kind, _, key = text.partition(":")
    return ("segment" if kind == "segment" else "tag", key)


def library_at(database: Database, moment: AsOf | None = None, before: int = NEVER) -> Library:
    """The definitions in force now, or known at a moment; `before`: as they were before that version was said."""
    entries = {ref_of(each.ref): Entry(each, 0, BUILT_IN, None) for each in builtin_definitions()}
    version = 0
    for said in definitions_said(database, moment or _EVER, before):
        version = max(version, said.version)
        ref = f"{said.control.kind}:{said.control.key}"
        entries.pop(ref, None)
        if said.control.value != DELETED and (definition := read_said(said)) is not None:
            entries[ref] = Entry(definition, said.version, said.control.author, said.received_at)
    return Library(version, entries)


def read_said(said: Said) -> Definition | None:
    """The definition; None when it takes one away, or this version of the platform cannot read it any more."""
    if said.control.value == DELETED:
        return None
    kind: DefinitionKind = "segment" if said.control.kind == "segment" else "tag"
    try:
        return parse(said.control.value, kind, said.control.key)
    except InvalidDefinition as wrong:
        _log.warning("definition ignored", kind=kind, key=said.control.key, version=said.version, reason=wrong.message)
        return None


def taken(library: Library, said: Said) -> tuple[Library, str]:
    """The library once something is said, and why it is not taken; '' when it is."""
    ref = f"{said.control.kind}:{said.control.key}"
    known = library.entries.get(ref)
    if said.control.expects is not None and said.control.expects != (known.version if known else -1):
        return library, "another version is in force"
    entries = {other: entry for other, entry in library.entries.items() if other != ref}
    definition = read_said(said)
    if definition is not None:
        entries[ref] = Entry(definition, said.version, said.control.author, said.received_at)
    wrong = _new_refusals(library.entries, entries)
    mine = [each for each in wrong if each.of == (said.control.kind, said.control.key)]
    if mine:
        return library, f"{mine[0].pointer}: {mine[0].message}"
    if wrong:
        return library, "others refer to it: " + ", ".join(sorted({each.of[1] for each in wrong if each.of}))
    return Library(said.version, entries), ""


def _new_refusals(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> list[Refusal]:
    """What is wrong with the definitions together now and was not before."""
    known = {(each.of, each.pointer) for each in _refusals(before)}
    return [each for each in _refusals(after) if (each.of, each.pointer) not in known]


def _refusals(entries: Mapping[str, Entry]) -> list[Refusal]:
    return check_graph(entry.definition for entry in entries.values() if entry.definition.status != "archived")
