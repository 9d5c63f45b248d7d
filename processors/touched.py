"""What stages tell each other: whom to fold anew (by root, each in its partition), around whom to weigh identity."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import orjson

from processors.records import Record as Fetched
from projections.log.records import Placed, Record

ADDRESSES_A_RECORD = 500


class Log(Protocol):
    """What the processors need of the producer."""

    def partition_for(self, topic: str, key: bytes) -> int:
        """The partition any Kafka client would choose."""
        ...

    def publish(self, records: list[Record], timeout: float) -> list[Placed]:
        """Write records and wait until the broker has acknowledged all."""
        ...


def touches(log: Log, topic: str, roots: Iterable[str]) -> list[Record]:
    """The records that touch these persons, each in its own root's partition."""
    groups: dict[int, list[str]] = {}
    for root in sorted(set(roots)):
        groups.setdefault(log.partition_for(topic, root.encode()), []).append(root)
    return [
        Record(topic, partition, part[0].encode(), orjson.dumps(part), ())
        for partition, group in groups.items()
        for part in (group[i : i + ADDRESSES_A_RECORD] for i in range(0, len(group), ADDRESSES_A_RECORD))
    ]


def weighings(topic: str, identifiers: Iterable[str]) -> list[Record]:
    """The records that have it weighed anew, around some identifiers, who is one person. One partition."""
    named = sorted(set(identifiers))
    parts = (named[i : i + ADDRESSES_A_RECORD] for i in range(0, len(named), ADDRESSES_A_RECORD))
    return [Record(topic, 0, None, orjson.dumps(part), ()) for part in parts]


def weigh_everything(topic: str) -> list[Record]:
    """The record that has all there is weighed anew."""
    return [Record(topic, 0, None, b"null", ())]


def seeds_of(records: Iterable[Fetched]) -> set[str] | None:
    """The identifiers some records name; None when everything is to be weighed."""
    said = [orjson.loads(record.value or b"[]") for record in records]
    return None if None in said else {each for named in said for each in named}


def touched_versions(records: Iterable[Fetched]) -> dict[str, int]:
    """Each touched root with the greatest offset that touched it: the version its dossier is to carry."""
    versions: dict[str, int] = {}
    for record in records:
        for root in orjson.loads(record.value or b"[]"):
            versions[root] = max(record.offset + 1, versions.get(root, 0))
    return versions
