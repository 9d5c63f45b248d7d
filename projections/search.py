"""Searching the persons that are kept, in the order of their ids.

`profile_search` proposes: it has an older version of a row until a merge, so a candidate is one only if its latest
version is found, too. That is asked of few rows, where FINAL would merge all of them for every question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from projections.database import Database, Given, Row, names
from projections.statements import statement

# After many changes not yet merged most candidates fall away: the next lot is larger, up to this.
_MOST_CANDIDATES = 10_000


@dataclass(frozen=True, slots=True)
class Search:
    """Whom to find; without words and traits, everybody.

    `words`: each, and how it is written as an identifier; it begins one, is one as written there, or stands in a text.
    `whole`: all the words as the one identifier they are together, or ''. `traits`: name and value; of each name one.
    """

    words: Sequence[tuple[str, str]] = ()
    whole: str = ""
    traits: Sequence[tuple[str, str]] = ()

    def parameters(self) -> dict[str, object]:
        """As statement parameters."""
        return {"worded": bool(self.words), "whole": self.whole, "filtered": bool(self.traits)}

    def tables(self) -> dict[str, Given]:
        """As tables."""
        return {
            "words": Given("word String, exact String", self.words),
            "traits": Given("name String, value String", self.traits),
        }


def search(database: Database, wanted: Search, after: str, limit: int) -> list[Row]:
    """Up to `limit` persons whose id is greater than `after` ('' = from the first), by their id."""
    found: list[Row] = []
    size = limit
    while len(found) < limit:
        candidates = _candidates(database, wanted, after, size)
        found += _latest(database, wanted, candidates)
        if len(candidates) < size:
            break
        after, size = candidates[-1], min(2 * size, _MOST_CANDIDATES)
    return found[:limit]


def _candidates(database: Database, wanted: Search, after: str, size: int) -> list[str]:
    parameters = {**wanted.parameters(), "after": after, "limit": size}
    return [person for (person,) in database.tuples(statement("search_candidates"), parameters, wanted.tables())]


def _latest(database: Database, wanted: Search, candidates: Sequence[str]) -> list[Row]:
    if not candidates:
        return []
    tables = {**wanted.tables(), **names(dict.fromkeys(candidates))}
    return database.rows(statement("search"), wanted.parameters(), tables)
