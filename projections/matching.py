"""What matching reads of people, and the suggestions it makes: kept, listed, decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Literal

import orjson

from projections.database import Database, Row
from projections.resolution import AsOf
from projections.statements import statement

Status = Literal["open", "withdrawn", "accepted", "rejected"]

_PAGE = 20_000
_MEANT = 2**62
_DECIDED = _MEANT + 1
_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two people who may be one, each with the address they are known by."""

    suggestion_id: str
    left_person: str
    left_root: str
    right_person: str
    right_root: str
    probability: float
    reasons: Sequence[Mapping[str, Any]]
    """What was compared (`field`), what it `says`, with how many `bits` for the pair."""
    made_at: datetime
    status: Status = "open"
    decided_at: datetime | None = None
    """When it was decided; on an open one, when an acceptance began that Kafka has not acknowledged yet."""


def suggestion_id(left_person: str, right_person: str) -> str:
    """The id of a pair, whichever of the two comes first."""
    return blake2b("|".join(sorted((left_person, right_person))).encode(), digest_size=16).hexdigest()


_PEOPLE = """
SELECT root, person_id, members, present, mapKeys(traits) AS names, arrayMap(t -> t.value, mapValues(traits)) AS said
FROM profiles
WHERE root > {after:String}
ORDER BY root, version DESC
LIMIT 1 BY root
LIMIT {limit:UInt32}
"""


@dataclass(frozen=True, slots=True)
class Known:
    """One person as the profiles have them."""

    person_id: str
    root: str
    members: Sequence[str]
    traits: Mapping[str, Any]


def people(database: Database) -> Iterator[list[Known]]:
    """Everybody there is, in pages: memory holds one of them at a time."""
    after = ""
    while rows := database.rows(_PEOPLE, {"after": after, "limit": _PAGE}):
        yield [_known(row) for row in rows if row["present"]]
        after = rows[-1]["root"]


def _known(row: Row) -> Known:
    traits = dict(zip(row["names"], map(orjson.loads, row["said"]), strict=True))
    return Known(row["person_id"], row["root"], row["members"], traits)


def kept_apart(database: Database, now: datetime) -> list[list[str]]:
    """Groups of addresses that are not to be suggested for one person, any two of a group."""
    return [list(ids) for (ids,) in database.tuples(statement("kept_apart"), AsOf(now).parameters())]


_FIND = "SELECT * EXCEPT version FROM match_suggestions FINAL WHERE suggestion_id = {suggestion_id:String}"
_OPEN = "SELECT * EXCEPT version FROM match_suggestions FINAL WHERE status = 'open'"
_LIST = """
SELECT * EXCEPT version FROM match_suggestions FINAL
WHERE status = {status:String} AND (probability, suggestion_id) < ({probability:Float64}, {suggestion_id:String})
ORDER BY probability DESC, suggestion_id DESC
LIMIT {limit:UInt32}
"""


@dataclass(frozen=True, slots=True)
class SuggestionStore:
    """The suggestions as rows; what is kept of one replaces what was, but a decision stands against any later run."""

    database: Database

    def replace_open(self, found: Sequence[Suggestion], made_at: datetime) -> int:
        """Keep what a run found, and withdraw what is open and was not found again; gives how many were withdrawn."""
        again = {each.suggestion_id for each in found}
        rows = self.database.rows(_OPEN)
        gone = [each for each in map(_suggestion, rows) if each.suggestion_id not in again and not each.decided_at]
        self._write([*found, *(replace(each, status="withdrawn", made_at=made_at) for each in gone)])
        return len(gone)

    def find(self, suggestion_id: str) -> Suggestion | None:
        """One suggestion, whatever became of it."""
        row = self.database.one(_FIND, {"suggestion_id": suggestion_id})
        return _suggestion(row) if row else None

    def keep(self, suggestion: Suggestion) -> None:
        """Remember a decision, or that one has begun."""
        self._write([suggestion])

    def page(self, status: Status, before: tuple[float, str], limit: int) -> list[Suggestion]:
        """Those in a state, the likeliest first, after the (probability, suggestion_id) given."""
        place = {"probability": before[0], "suggestion_id": before[1]}
        return list(map(_suggestion, self.database.rows(_LIST, {"status": status, "limit": limit, **place})))

    def _write(self, suggestions: Sequence[Suggestion]) -> None:
        self.database.insert(
            "match_suggestions",
            {
                "suggestion_id": [each.suggestion_id for each in suggestions],
                "left_person": [each.left_person for each in suggestions],
                "left_root": [each.left_root for each in suggestions],
                "right_person": [each.right_person for each in suggestions],
                "right_root": [each.right_root for each in suggestions],
                "probability": [each.probability for each in suggestions],
                "reasons": [orjson.dumps(each.reasons).decode() for each in suggestions],
                "made_at": [each.made_at for each in suggestions],
                "status": [each.status for each in suggestions],
                "decided_at": [each.decided_at for each in suggestions],
                "version": [_version(each) for each in suggestions],
            },
        )


def _suggestion(row: Row) -> Suggestion:
    return Suggestion(**{**row, "reasons": orjson.loads(row["reasons"])})


def _version(suggestion: Suggestion) -> int:
    if suggestion.status in {"accepted", "rejected"}:
        return _DECIDED
    return _MEANT if suggestion.decided_at else (suggestion.made_at - _EPOCH) // timedelta(microseconds=1)
