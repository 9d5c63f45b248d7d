"""What stages tell each other: whom to fold anew (by root, each in its partition), around whom to weigh identity."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Weighing:
    """What the resolver is asked."""

    seeds: frozenset[str] | None
    """Identifiers around which to weigh anew who is one person; None: everything there is."""
    touch: frozenset[str] = frozenset()
    """Those of them whose persons are to be folded anew, whatever comes out."""


def weighings(topic: str, seeds: Iterable[str], touch: AbstractSet[str] = frozenset()) -> list[Record]:
    """The records that have it weighed anew, around some identifiers, who is one person. One partition."""
    named = sorted(set(seeds))
    parts = (named[i : i + ADDRESSES_A_RECORD] for i in range(0, len(named), ADDRESSES_A_RECORD))
    said = ({"weigh": part, "touch": [each for each in part if each in touch]} for part in parts)
    return [Record(topic, 0, None, orjson.dumps(each), ()) for each in said]


def weigh_everything(topic: str) -> list[Record]:
    """The record that has all there is weighed anew."""
    return [Record(topic, 0, None, orjson.dumps({"weigh": None, "touch": []}), ())]


def weighing(values: Iterable[bytes | None]) -> Weighing:
    """What some records ask of the resolver together."""
    said = [orjson.loads(value or b"{}") for value in values]
    touch = frozenset(address for each in said for address in each.get("touch", ()))
    if any(each.get("weigh", ()) is None for each in said):
        return Weighing(None, touch)
    return Weighing(frozenset(address for each in said for address in each.get("weigh", ())), touch)


def touched_versions(records: Iterable[Fetched]) -> dict[str, int]:
    """Each touched root with the greatest offset that touched it: the version its dossier is to carry."""
    versions: dict[str, int] = {}
    for record in records:
        for root in orjson.loads(record.value or b"[]"):
            versions[root] = max(record.offset + 1, versions.get(root, 0))
    return versions
