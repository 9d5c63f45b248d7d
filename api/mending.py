"""From dead letters back to events: patched, judged by the door, and by what is recorded under their ids. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from projections.claims import Claim, EventId
from projections.database import Row
from schemas.bundle import one_line
from schemas.decoding import event_id_of
from schemas.errors import Rejected
from schemas.event import Event
from schemas.gates import Gate
from schemas.patching import Patch
from schemas.sources import Source
from schemas.upcast import CURRENT_VERSION

_CONFLICT = "Under this event_id something else is recorded, which stands; void it, or patch /event_id."
_CUT = "Only the beginning of this event was kept; have its channel send it again."
_FOREIGN = "This is a message as its channel sends it, not a native event; have the channel send it again."
_UNDECLARED = "The source of this letter is not declared; declare it in CDP_SOURCES, or by a write key."


Claims = Mapping[EventId, Sequence[Claim]]


@dataclass(frozen=True, slots=True)
class Mended:
    """One event of a letter that would be taken."""

    letter_id: str
    event: Event
    raw: bytes
    version: str


@dataclass(frozen=True, slots=True)
class Failing:
    """A letter that would be refused again, and why."""

    letter_id: str
    source: str
    event_id: str | None
    code: str
    pointer: str
    message: str


@dataclass(slots=True)
class Bench:
    """Mends letters in the order they came; of two that say different things under one id the first is taken."""

    door: Gate
    sources: Mapping[str, Source]
    patch: Patch | None
    _said: dict[EventId, bytes] = field(default_factory=dict)

    def mend(self, letter: Row, now: datetime) -> list[Mended] | Failing:
        """The events of one letter, all of which the door takes; or why not."""
        try:
            return [self._event(letter, raw, now) for raw in _events(letter)]
        except Rejected as refused:
            return _failing(letter, refused, event_id_of(letter["original"]))

    def settle(
        self, letter: Row, mended: Sequence[Mended], claims: Mapping[EventId, Sequence[Claim]]
    ) -> Failing | None:
        """Why a letter cannot be replayed for what is recorded, or was replayed before it, under its ids."""
        for each in mended:
            event_id = (each.event.source, each.event.event_id)
            known = claims.get(event_id, ())
            said = known[0].content_hash if known else self._said.get(event_id, each.event.content_hash)
            if said != each.event.content_hash:
                return _failing(letter, Rejected("id_conflict", "/event_id", _CONFLICT), event_id[1])
        self._said |= {(each.event.source, each.event.event_id): each.event.content_hash for each in mended}
        return None

    def _event(self, letter: Row, raw: bytes, now: datetime) -> Mended:
        source = self.sources.get(letter["source"])
        if source is None:
            raise Rejected("unknown_source", "", _UNDECLARED)
        if letter["truncated"]:
            raise Rejected("unreadable", "", _CUT)
        if letter["format"]:
            raise Rejected("unreadable", "", _FOREIGN)
        patched = self.patch.apply(raw) if self.patch else one_line(raw)
        event = self.door.admit(patched, source, now, _version(letter))
        return Mended(letter["letter_id"], event, patched, letter["version"] or str(CURRENT_VERSION))


def _events(letter: Row) -> list[bytes]:
    """A letter holds one event; one whose record held too many for a bundle has them line by line."""
    original: bytes = letter["original"]
    if letter["code"] != "bundle_too_large":
        return [original]
    return [line for line in (each.strip() for each in original.split(b"\n")) if line]


def _version(letter: Row) -> int:
    said: str = letter["version"] or str(CURRENT_VERSION)
    if not said.isascii() or not said.isdigit():
        raise Rejected("unknown_version", "", "The record's header `v` is not a number.")
    return int(said)


def _failing(letter: Row, why: Rejected, event_id: str | None) -> Failing:
    known = why.event_id or event_id or letter["event_id"] or None
    return Failing(letter["letter_id"], letter["source"], known, why.code, why.pointer, why.message)
