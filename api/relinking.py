"""Joining and parting identifiers by hand: each word of an operator is an event like any other, so it can be undone."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any, Literal

from api.publishing import EventWriter, ids_of
from projections.identity.explaining import Explained
from schemas.errors import RequestError
from schemas.identifiers import Identifier
from schemas.positions import Position
from schemas.times import format_time

Word = Literal["customer.linked", "customer.unlinked"]
MOST_PAIRS = 500


@dataclass(frozen=True, slots=True)
class Said:
    """What was written: the ids of the events, and where the last of each partition lies."""

    event_ids: list[str]
    position: Position


def parted(found: Explained, apart: Sequence[str]) -> list[tuple[str, str]]:
    """The pairs to unlink so that some of a person's identifiers go their own way: every tie between them and the rest.

    Raises RequestError `bad_parameter` when they are not all of this person, are all of it, or nothing ties them.
    """
    going = set(apart)
    if strangers := going - set(found.members):
        raise RequestError("bad_parameter", f"{min(strangers)} is not of this person.", "/identifiers")
    across = [edge for edge in found.edges if len(going.intersection(edge.pair)) == 1]
    ties = [edge.pair for edge in across if edge.kind != "unlinked" and edge.rule != "unlinked"]
    pairs = sorted({pair for pair in ties if set(pair) <= set(found.members)})
    if not pairs:
        raise RequestError("bad_parameter", "Nothing ties these identifiers to the rest of the person.", "/identifiers")
    if len(pairs) > MOST_PAIRS:
        raise RequestError("bad_parameter", f"More than {MOST_PAIRS} ties would have to be cut.", "/identifiers")
    return pairs


@dataclass(frozen=True, slots=True)
class Relinker:
    """Writes links and unlinks."""

    writer: EventWriter
    identifier: Callable[[str], Identifier]
    clock: Callable[[], datetime]

    def say(self, word: Word, groups: Iterable[Sequence[str]], reason: str | None) -> Said:
        """Write one event for each group of addresses. Raises RequestError, Rejected, Unavailable.

        After a failure in between some are written: saying it again says the rest, and harms nothing.
        """
        named = [[self.identifier(address) for address in group] for group in groups]
        sources = [self.writer.source_of(identifiers) for identifiers in named]
        now, said = self.clock(), Said([], {"events": {}})
        for identifiers, source in zip(named, sources, strict=True):
            event_id = f"{word.removeprefix('customer.')}:{uuid.uuid4()}"
            position = self.writer.publish(_event(event_id, word, identifiers, now, reason), source)
            said.event_ids.append(event_id)
            for partition, offset in position["events"].items():
                said.position["events"][partition] = max(offset, said.position["events"].get(partition, -1))
        return said


def _event(
    event_id: str, word: Word, identifiers: Sequence[Identifier], now: datetime, reason: str | None
) -> dict[str, Any]:
    if any(one.address == other.address for one, other in combinations(identifiers, 2)):
        raise RequestError("bad_parameter", "An identifier cannot be linked with itself.", "/identifiers")
    return {
        "event_id": event_id,
        "type": word,
        "occurred_at": format_time(now),
        "ids": ids_of(identifiers),
        "data": {"reason": reason} if reason else {},
    }
