"""Changing definitions: each change is a record of the control topic, made once the governor has taken it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from api.checking import require_sound, require_unused
from api.preconditions import expected
from projections.library import Entry, Library, ref_of
from schemas.control import DELETED, MOST_ENTRIES, Assignment, Control
from schemas.definitions import Definition, InvalidDefinition, Ref, Refusal, canonical
from schemas.errors import NotFound, RequestError
from schemas.positions import Position

_PAUSE = 0.03


class Writer(Protocol):
    """Writes to the control topic; `api.controlling.ControlWriter` is one."""

    def publish(self, control: Control) -> tuple[int, Position]:
        """Write one version; gives its number and where it lies."""
        ...

    def publish_all(self, controls: Sequence[Control]) -> tuple[list[int], Position]:
        """Write some one after the other; gives their numbers, and where the last lies."""
        ...


@dataclass(frozen=True, slots=True)
class Conditions:
    """What must hold of the version in force for a change to be made; None: nothing."""

    if_match: str | None = None
    if_none_match: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a change: `waiting` when the governor has not looked at it within the patience."""

    what: Literal["created", "replaced", "same", "deleted", "waiting"]
    entry: Entry | None
    position: Position | None
    refused: str = ""
    """Of several that were put together: why this one was not taken after all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionDesk:
    """Where definitions are changed."""

    library: Callable[[], Library]
    """Reads the definitions in force; blocks."""
    outcome: Callable[[int], str | None]
    """Why a version was not taken, '' when it was, None as long as that is open; blocks."""
    writer: Writer
    patience: float = 5.0

    async def put(self, definition: Definition, author: str, conditions: Conditions) -> Change:
        """Create or replace. Raises InvalidDefinition, RequestError `precondition_failed` or `in_use`, Unavailable."""
        before, expects = await self._allowed(definition, conditions)
        if before is not None and before.definition == definition:
            return Change("same", before, None)
        control = _control(definition.ref, canonical(definition), author, expects)
        version, position = await asyncio.to_thread(self.writer.publish, control)
        refused = await self._refused(version)
        if refused:
            await self._allowed(definition, conditions)
            raise InvalidDefinition([Refusal("", refused)])
        now = (await asyncio.to_thread(self.library)).entries.get(ref_of(definition.ref))
        said = Entry(definition, version, author, None)
        entry = now if now is not None and now.version == version else said
        return Change(_what(refused, before), entry, position)

    async def put_all(
        self, definitions: Sequence[Definition], author: str, conditions: Mapping[Ref, Conditions]
    ) -> list[Change]:
        """Create or replace several, each after those it refers to; said together, they are evaluated together.

        Raises what `put` raises, and writes nothing then. What somebody else changed in between is not overwritten:
        that one's `refused` says so.
        """
        library = await asyncio.to_thread(self.library)
        found = [library.entries.get(ref_of(each.ref)) for each in definitions]
        allowed = [_expected(entry, conditions.get(each.ref)) for entry, each in zip(found, definitions, strict=True)]
        changed = [
            (each, entry, expects)
            for each, entry, expects in zip(definitions, found, allowed, strict=True)
            if entry is None or entry.definition != each
        ]
        controls = [_control(each.ref, canonical(each), author, expects) for each, _, expects in changed]
        numbers, position = await asyncio.to_thread(self.writer.publish_all, controls) if controls else ([], None)
        refused = dict(zip(numbers, [await self._refused(number) for number in numbers], strict=True))
        versions = {each.ref: number for (each, *_), number in zip(changed, numbers, strict=True)}
        return [
            _changed(each, entry, versions.get(each.ref), refused, position, author)
            for each, entry in zip(definitions, found, strict=True)
        ]

    async def _allowed(self, definition: Definition, conditions: Conditions) -> tuple[Entry | None, int | None]:
        """The version in force, and which one must be; raises what `put` raises."""
        library = await asyncio.to_thread(self.library)
        entry = library.entries.get(ref_of(definition.ref))
        expects = expected(entry, conditions.if_match, conditions.if_none_match)
        require_sound(definition, library)
        return entry, expects

    async def delete(self, ref: Ref, author: str, conditions: Conditions) -> Change:
        """Take away. Raises NotFound, RequestError `precondition_failed` or `in_use`, Unavailable."""
        entry = await self._removable(ref, conditions)
        version, position = await asyncio.to_thread(self.writer.publish, _control(ref, DELETED, author, entry.version))
        refused = await self._refused(version)
        if refused:
            await self._removable(ref, conditions)
            raise RequestError("precondition_failed", f"It was not taken away: {refused}")
        return Change("waiting" if refused is None else "deleted", entry, position)

    async def _removable(self, ref: Ref, conditions: Conditions) -> Entry:
        library = await asyncio.to_thread(self.library)
        entry = library.entries.get(ref_of(ref))
        if entry is None and conditions == Conditions():
            raise NotFound(f"There is no {ref[0]} {ref[1]}.")
        expected(entry, conditions.if_match, conditions.if_none_match)
        require_unused(ref, library)
        assert entry is not None  # noqa: S101 -- of none, If-Match held not; and deleting asks nothing else
        return entry

    def assign(self, ref: Ref, entries: Sequence[Assignment], author: str) -> Position:
        """Give and take by hand; gives where the last record lies. Blocks: call it in a thread. Raises Unavailable."""
        position: Position = {}
        for start in range(0, len(entries), MOST_ENTRIES):
            part = [each.model_dump(mode="json") for each in entries[start : start + MOST_ENTRIES]]
            control = Control(kind="assignments", key=ref_of(ref), value={"entries": part}, author=author)
            _, position = self.writer.publish(control)
        return position

    async def _refused(self, version: int) -> str | None:
        """What the governor says of a version; None when it does not say anything in time."""
        deadline = asyncio.get_running_loop().time() + self.patience
        while (said := await asyncio.to_thread(self.outcome, version)) is None:
            if asyncio.get_running_loop().time() >= deadline:
                return None
            await asyncio.sleep(_PAUSE)
        return said


def _what(refused: str | None, before: Entry | None) -> Literal["created", "replaced", "waiting"]:
    return "waiting" if refused is None else "replaced" if before else "created"


def _expected(entry: Entry | None, conditions: Conditions | None) -> int | None:
    return expected(entry, conditions.if_match, conditions.if_none_match) if conditions else None


def _changed(
    definition: Definition,
    before: Entry | None,
    version: int | None,
    refused: Mapping[int, str | None],
    position: Position | None,
    author: str,
) -> Change:
    if version is None:
        return Change("same", before, None)
    why = refused[version]
    return Change(_what(why, before), Entry(definition, version, author, None), position, refused=why or "")


def _control(ref: Ref, value: Mapping[str, object], author: str, expects: int | None) -> Control:
    return Control(
        kind="segment" if ref[0] == "segment" else "tag", key=ref[1], value=dict(value), author=author, expects=expects
    )
