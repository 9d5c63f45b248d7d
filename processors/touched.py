"""The touched topic: whose facts changed. A record names many subjects of one partition."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import orjson

from processors.records import Record as Fetched
from projections.log.records import Placed, Record

SUBJECTS_A_RECORD = 500


class Log(Protocol):
    """What the processors need of the producer."""

    def partition_for(self, topic: str, key: bytes) -> int:
        """The partition any Kafka client would choose."""
        ...

    def publish(self, records: list[Record], timeout: float) -> list[Placed]:
        """Write records and wait until the broker has acknowledged all."""
        ...


def touches(log: Log, topic: str, subjects: Iterable[str]) -> list[Record]:
    """The records that touch these subjects, each in its own subject's partition."""
    groups: dict[int, list[str]] = {}
    for subject in sorted(set(subjects)):
        groups.setdefault(log.partition_for(topic, subject.encode()), []).append(subject)
    return [
        Record(topic, partition, part[0].encode(), orjson.dumps(part), ())
        for partition, group in groups.items()
        for part in (group[i : i + SUBJECTS_A_RECORD] for i in range(0, len(group), SUBJECTS_A_RECORD))
    ]


def touched_versions(records: Iterable[Fetched]) -> dict[str, int]:
    """Each touched subject with the greatest offset that touched it: the version its dossier is to carry."""
    versions: dict[str, int] = {}
    for record in records:
        for subject in orjson.loads(record.value or b"[]"):
            versions[subject] = max(record.offset + 1, versions.get(subject, 0))
    return versions
