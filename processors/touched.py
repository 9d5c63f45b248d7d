"""What stages tell each other: whom to look at anew and why, around whom to weigh identity.

A person is named by its root, in the root's partition. A record of the touched topic is
{"touch": [[root, [[cause, ref, type], …]], …]}, {"flip": [root, …]} for those of whom time alone may change something,
or {"pass": …}: a step of a pass over everybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from processors.records import Record as Fetched
from projections.log.records import Placed, Record
from projections.membership.model import Cause
from projections.passes import Pass

ADDRESSES_A_RECORD = 500
CAUSES_A_PERSON = 8

Causes = Mapping[str, Sequence[Cause]]
"""Whom something concerns, and why."""


class Log(Protocol):
    """What the processors need of the producer."""

    def partition_for(self, topic: str, key: bytes) -> int:
        """The partition any Kafka client would choose."""
        ...

    def partitions(self, topic: str) -> int:
        """How many partitions a topic has."""
        ...

    def publish(self, records: list[Record], timeout: float) -> list[Placed]:
        """Write records and wait until the broker has acknowledged all."""
        ...


def touches(log: Log, topic: str, roots: Causes) -> list[Record]:
    """The records that touch these persons, each in its own root's partition."""
    return [
        Record(topic, partition, part[0].encode(), orjson.dumps({"touch": [[r, _written(roots[r])] for r in part]}), ())
        for partition, part in _parts(log, topic, roots)
    ]


def flips(log: Log, topic: str, roots: Iterable[str]) -> list[Record]:
    """The records that have these persons looked at again for the time it is; their facts did not change."""
    return [
        Record(topic, partition, part[0].encode(), orjson.dumps({"flip": part}), ())
        for partition, part in _parts(log, topic, roots)
    ]


def pass_step(topic: str, planned: Pass, partition: int, bucket: int) -> Record:
    """The record that has one step of a pass taken."""
    said = {
        "id": planned.pass_id, "cause": planned.cause, "ref": planned.cause_ref, "refs": planned.refs,
        "partitions": planned.partitions, "buckets": planned.buckets, "bucket": bucket,
    }  # fmt: skip
    return Record(topic, partition, None, orjson.dumps({"pass": said}), ())


def _parts(log: Log, topic: str, roots: Iterable[str]) -> Iterable[tuple[int, list[str]]]:
    groups: dict[int, list[str]] = {}
    for root in sorted(set(roots)):
        groups.setdefault(log.partition_for(topic, root.encode()), []).append(root)
    for partition, group in groups.items():
        for start in range(0, len(group), ADDRESSES_A_RECORD):
            yield partition, group[start : start + ADDRESSES_A_RECORD]


def _written(causes: Sequence[Cause]) -> list[list[str]]:
    """The last of each type of event."""
    last = {(each.kind, each.of): each for each in causes}
    return [[each.kind, each.ref, each.of] for each in list(last.values())[-CAUSES_A_PERSON:]]


def _causes(said: Iterable[Sequence[str]]) -> list[Cause]:
    return [Cause(kind, ref, of) for kind, ref, of in said]  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Weighing:
    """What the resolver is asked."""

    seeds: frozenset[str] | None
    """Identifiers around which to weigh anew who is one person; None: everything there is."""
    touch: Causes = field(default_factory=dict)
    """Those of them whose persons are to be folded anew, whatever comes out, and why."""


def weighings(topic: str, seeds: Iterable[str], touch: Causes) -> list[Record]:
    """The records that have it weighed anew who is one person around these identifiers.

    Of those in `touch` the persons are folded anew, whatever comes out.
    """
    named = sorted(set(seeds))
    parts = (named[i : i + ADDRESSES_A_RECORD] for i in range(0, len(named), ADDRESSES_A_RECORD))
    said = (
        {"weigh": part, "touch": [[each, _written(touch[each])] for each in part if each in touch]} for part in parts
    )
    return [Record(topic, 0, None, orjson.dumps(each), ()) for each in said]


def weigh_everything(topic: str) -> list[Record]:
    """The record that has all there is weighed anew."""
    return [Record(topic, 0, None, orjson.dumps({"weigh": None, "touch": []}), ())]


def weighing(values: Iterable[bytes | None]) -> Weighing:
    """What some records ask of the resolver together."""
    said = [orjson.loads(value or b"{}") for value in values]
    touch: dict[str, list[Cause]] = {}
    for each in said:
        for address, causes in each.get("touch", ()):
            touch.setdefault(address, []).extend(_causes(causes))
    if any(each.get("weigh", ()) is None for each in said):
        return Weighing(None, touch)
    return Weighing(frozenset(address for each in said for address in each.get("weigh", ())), touch)


@dataclass(slots=True)
class Touched:
    """One person to look at: since which offset it is known, why, and whether its facts may have changed."""

    partition: int
    version: int
    causes: list[Cause] = field(default_factory=list)
    is_folded: bool = False


@dataclass(frozen=True, slots=True)
class PassStep:
    """One step of a pass, as it was read."""

    planned: Pass
    partition: int
    bucket: int


def touched(records: Iterable[Fetched]) -> tuple[dict[str, Touched], list[PassStep]]:
    """Everybody these records touch, with the greatest offset that did as version; and steps of passes."""
    found: dict[str, Touched] = {}
    steps: list[PassStep] = []
    for record in records:
        said = orjson.loads(record.value or b"{}")
        if "pass" in said:
            steps.append(_step(said["pass"], record.partition))
        for root, causes in said.get("touch", ()):
            _note(found, root, record, causes).is_folded = True
        for root in said.get("flip", ()):
            _note(found, root, record, [["time", "", ""]])
    return found, steps


def _note(found: dict[str, Touched], root: str, record: Fetched, causes: Iterable[Sequence[str]]) -> Touched:
    known = found.setdefault(root, Touched(record.partition, 0))
    known.version = max(known.version, record.offset + 1)
    known.causes += _causes(causes)
    return known


def _step(said: Mapping[str, Any], partition: int) -> PassStep:
    planned = Pass(said["id"], said["cause"], said["ref"], tuple(said["refs"]), said["partitions"], said["buckets"])
    return PassStep(planned, partition, said["bucket"])


def by_root(roots: Mapping[str, str], whom: AbstractSet[str], causes: Causes) -> dict[str, list[Cause]]:
    """The causes of some identifiers as those of their persons."""
    found: dict[str, list[Cause]] = {}
    for each in sorted(whom):
        found.setdefault(roots.get(each, each), []).extend(causes.get(each, ()))
    return found
