"""Bundles to candidates: what the channels wrote, event by event, admitted or refused. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from processors.records import Record
from projections.facts import Fact
from projections.places import Place
from projections.repairs import Repair
from schemas.bundle import HEADER_LETTERS, HEADER_REPLAY, HEADER_SOURCE, HEADER_VERSION, split
from schemas.contracts.judging import CODES, Violation, refuse, violations
from schemas.contracts.model import Contract
from schemas.dead_letter import DeadLetter
from schemas.decoding import event_id_of
from schemas.errors import Rejected
from schemas.event import Event
from schemas.gates import Gate
from schemas.source_register import SourceRegister
from schemas.sources import Source
from schemas.upcast import CURRENT_VERSION


class Candidate(msgspec.Struct, frozen=True):
    """An admitted event that may become a fact, with the bytes it came as."""

    id: tuple[str, str]
    """(source, event_id): what makes it the same event as another."""
    fact: Fact
    raw: bytes


@dataclass(frozen=True, slots=True)
class Read:
    """What some records held."""

    candidates: Sequence[Candidate]
    letters: Sequence[DeadLetter]
    repairs: Sequence[Repair] = ()
    """Which letters some of it was replayed from."""
    set_aside: Sequence[DeadLetter] = ()
    """Readable events that break their source's contract: a verdict on their source, not on the recorder."""
    counted: Sequence[tuple[Fact, Violation]] = ()
    """What breaks a contract that only counts."""


def read(
    records: Sequence[Record], door: Gate, sources: Mapping[str, Source], register: SourceRegister | None = None
) -> Read:
    """Read every event of every record; a bad one becomes a letter and harms no other.

    `register` knows everything about sources that counts for these records.
    """
    counted: list[tuple[Fact, Violation]] = []
    candidates: list[Candidate] = []
    letters: list[DeadLetter] = []
    set_aside: list[DeadLetter] = []
    repairs: list[Repair] = []
    for record in records:
        try:
            lines = _lines(record)
            source, version = _source(record, sources, register), _version(record)
            contract = register.contract_at(source.name, record.appended_at) if register else None
        except Rejected as refused:
            letters += _refused(record, refused)
            continue
        for index, line in enumerate(lines):
            try:
                event = door.admit(line, source, record.appended_at, version)
                broken = _broken(contract, event) if contract else ()
            except Rejected as refused:
                kept = set_aside if refused.code in CODES.values() else letters
                kept.append(letter(record, index, _as_written(record, lines, index), refused))
            else:
                place = Place(record.appended_at, record.partition, record.offset, index)
                fact = Fact(event, record.topic, place, version)
                candidates.append(candidate(fact, _as_written(record, lines, index)))
                counted += [(fact, each) for each in broken]
        repairs += repaired(record, lines)
    return Read(candidates, letters, repairs, set_aside, counted)


def _broken(contract: Contract, event: Event) -> Sequence[Violation]:
    """What is to be counted of an event. Raises Rejected for what is not to be taken."""
    found = list(violations(contract, event))
    refuse(found, event.event_id)
    return found


def repaired(record: Record, lines: Sequence[bytes]) -> Iterator[Repair]:
    """Which letters the events of a record were replayed from; none when its headers do not say so."""
    said = record.headers.get(HEADER_LETTERS, b"").decode("ascii", "replace")
    letter_ids = said.split(",") if said else []
    if len(letter_ids) != len(lines):
        return
    for index, (letter_id, line) in enumerate(zip(letter_ids, lines, strict=True)):
        place = Place(record.appended_at, record.partition, record.offset, index)
        event_id = event_id_of(line) or ""
        yield Repair(letter_id, _header(record, HEADER_REPLAY), _header(record, HEADER_SOURCE), event_id, place)


def candidate(fact: Fact, raw: bytes) -> Candidate:
    """The candidate of a fact."""
    return Candidate((fact.event.source, fact.event.event_id), fact, raw)


def letter(record: Record, index: int, raw: bytes, refused: Rejected) -> DeadLetter:
    """The dead letter of one event of a record."""
    return DeadLetter(
        code=refused.code,
        pointer=refused.pointer,
        message=refused.message,
        source=_header(record, HEADER_SOURCE),
        event_id=refused.event_id,
        origin="recorder",
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        index=index,
        received_at=record.appended_at,
        original=raw,
        version=version if (version := _header(record, HEADER_VERSION)) != str(CURRENT_VERSION) else "",
    )


def failed(record: Record) -> Read:
    """What is left of a record that was read but could not be processed: a letter an event, else one for all of it."""
    refused = Rejected("processing_failed", "", "The event was read but could not be processed; the log says why.")
    try:
        lines = split(record.value or b"")
    except Rejected:
        lines = []
    return Read([], _refused(record, refused), list(repaired(record, lines)))


def _lines(record: Record) -> list[bytes]:
    lines = split(record.value or b"")
    if not lines:
        raise Rejected("unreadable", "", "The record is empty.")
    return lines


def _refused(record: Record, refused: Rejected) -> list[DeadLetter]:
    """The letters of a record that is refused as a whole: one an event, else one for all of it."""
    try:
        lines = split(record.value or b"")
    except Rejected:
        lines = []
    letters = []
    for index, line in enumerate(lines or [record.value or b""]):
        why = Rejected(refused.code, refused.pointer, refused.message, event_id_of(line))
        letters.append(letter(record, index, _as_written(record, lines, index), why))
    return letters


def _as_written(record: Record, lines: Sequence[bytes], index: int) -> bytes:
    """The bytes of an event: alone in its record, all of the record's."""
    return lines[index] if len(lines) > 1 else record.value or b""


def _header(record: Record, name: str) -> str:
    return record.headers.get(name, b"").decode("utf-8", "replace")[:64]


def _source(record: Record, sources: Mapping[str, Source], register: SourceRegister | None) -> Source:
    name = _header(record, HEADER_SOURCE)
    known = sources.get(name) or (register.source_at(name, record.appended_at) if register else None)
    if known is None:
        said = (
            "The record's header `source` names no declared source." if name else "The record has no header `source`."
        )
        raise Rejected("unknown_source", "", said)
    return known


def _version(record: Record) -> int:
    text = _header(record, HEADER_VERSION)
    if not text:
        return CURRENT_VERSION
    if not text.isascii() or not text.isdigit():
        raise Rejected("unknown_version", "", "The record's header `v` is not a number.")
    return int(text)
