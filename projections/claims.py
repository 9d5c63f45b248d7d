"""Claims: who said (source, event_id) where. Of several claims on one id, the first in the log stands."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from projections.database import Database, Given
from projections.facts import Fact, fact_key
from projections.places import Place
from schemas.canonical import HASH_VERSION

EventId = tuple[str, str]

_LOOKUP = """
SELECT toString(source), event_id, content_hash, key, received_at, log_partition, log_offset, log_index
FROM claims
WHERE id_hash IN (SELECT id_hash FROM hashes)
"""


_CONTESTED = """
SELECT toString(source), event_id, content_hash, key, received_at, log_partition, log_offset, log_index
FROM claims
WHERE id_hash IN (
    SELECT id_hash FROM claims WHERE id_hash IN (SELECT id_hash FROM hashes)
    GROUP BY id_hash HAVING uniqExact((log_partition, log_offset, log_index)) > 1)
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim on an id, as stored."""

    content_hash: bytes
    key: str
    place: Place


@lru_cache(maxsize=65536)
def id_hash(source: str, event_id: str) -> int:
    """64 bits of BLAKE2b over both: what claims are sorted by. Cached: each is asked for three times in a row."""
    digest = hashlib.blake2b(f"{source}\0{event_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def find_claims(database: Database, ids: Iterable[EventId]) -> Mapping[EventId, list[Claim]]:
    """All claims on some ids, earliest first in the log."""
    return _claims(database, _LOOKUP, set(ids))


def contested_claims(database: Database, ids: Iterable[EventId]) -> Mapping[EventId, list[Claim]]:
    """All claims on those of some ids that are claimed more than once."""
    return _claims(database, _CONTESTED, set(ids))


def _claims(database: Database, sql: str, wanted: set[EventId]) -> Mapping[EventId, list[Claim]]:
    found: dict[EventId, list[Claim]] = {}
    if not wanted:
        return found
    hashes = Given("id_hash UInt64", [(id_hash(*each),) for each in wanted])
    for source, event_id, content_hash, key, *place in database.tuples(sql, tables={"hashes": hashes}):
        if (source, event_id) in wanted:
            found.setdefault((source, event_id), []).append(Claim(content_hash, key, Place(*place)))
    for claims in found.values():
        if len(claims) > 1:
            claims.sort(key=lambda claim: claim.place)
    return found


def write_claims(database: Database, facts: Sequence[Fact]) -> None:
    """Stake the claims of facts; done before the facts are written, so that two writers see each other."""
    database.insert(
        "claims",
        {
            "id_hash": [id_hash(f.event.source, f.event.event_id) for f in facts],
            "source": [f.event.source for f in facts],
            "event_id": [f.event.event_id for f in facts],
            "content_hash": [f.event.content_hash for f in facts],
            "hash_version": [HASH_VERSION] * len(facts),
            "key": [fact_key(f.event) for f in facts],
            "received_at": [f.place.received_at for f in facts],
            "topic": [f.topic for f in facts],
            "log_partition": [f.place.partition for f in facts],
            "log_offset": [f.place.offset for f in facts],
            "log_index": [f.place.index for f in facts],
        },
    )


def retract(database: Database, losers: Sequence[tuple[EventId, Place]]) -> None:
    """Take back facts whose claim an earlier one beat."""
    database.insert(
        "retractions",
        {
            "source": [source for (source, _), _ in losers],
            "event_id": [event_id for (_, event_id), _ in losers],
            "log_partition": [place.partition for _, place in losers],
            "log_offset": [place.offset for _, place in losers],
            "log_index": [place.index for _, place in losers],
        },
    )
