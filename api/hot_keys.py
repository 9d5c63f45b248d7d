"""Hot keys: which identifiers fill a partition that is behind, told by records that wait there.

Identifiers are personal data, so none leaves this module: a fingerprint does, a hash keyed with the platform's own
secret. It is the same in every API process and partition, and nobody can try out numbers on it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Protocol

import orjson

from api.lag import Lag
from api.stages import Topics
from projections.log.peek import Peeked
from projections.progress import TopicPartition
from schemas.bundle import HEADER_SOURCE, split
from schemas.errors import Rejected
from schemas.identifiers import normalise_ids

_PARTITIONS = 4
_RECORDS = 200
_BYTES = 4 * 2**20
_SHOWN = 5
_LEAST_SHARE = 0.1
_LEAST_SECONDS = 1.0
_KEEP_SECONDS = 10.0


class Records(Protocol):
    """Who can look at records."""

    def sample(self, place: TopicPartition, offset: int, most: int) -> list[Peeked]:
        """Some `most` records from an offset on."""
        ...


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody a record is about: the address, its type, and the source that said it ('' where none did)."""

    address: str
    type: str
    source: str = ""


def fingerprint(secret: bytes, address: str) -> str:
    """Twelve hexadecimal digits that stand for an address."""
    return blake2b(address.encode(), key=secret[:64], digest_size=6).hexdigest()


@dataclass(slots=True)
class HotKeys:
    """Looks at what waits in the partitions furthest behind; what it found holds for ten seconds. For one thread."""

    records: Records
    topics: Topics
    secret: bytes
    region: str
    seconds: Callable[[], float] = time.monotonic
    _known: dict[TopicPartition, tuple[float, list[dict[str, Any]]]] = field(default_factory=dict)

    def of(self, rows: Sequence[Lag]) -> dict[TopicPartition, list[dict[str, Any]]]:
        """Of partitions in which something waits for a second or more: who fills them, the most first.

        Raises Unavailable.
        """
        behind = [row for row in rows if row.next < row.end and (row.seconds or 0) >= _LEAST_SECONDS]
        looked_at = sorted(behind, key=lambda row: row.next - row.end)[:_PARTITIONS]
        now = self.seconds()
        self._known = {place: known for place, known in self._known.items() if now - known[0] < _KEEP_SECONDS}
        for row in looked_at:
            if row.place not in self._known:
                self._known[row.place] = (now, self._found(self.records.sample(row.place, row.next, _RECORDS), row))
        return {row.place: self._known[row.place][1] for row in looked_at}

    def _found(self, waiting: Iterable[Peeked], row: Lag) -> list[dict[str, Any]]:
        counts: Counter[Named] = Counter()
        first: dict[Named, int] = {}
        for record in _up_to(waiting, _BYTES):
            for named in names_in(record, row.place[0], self.topics, self.region):
                counts[named] += 1
                first.setdefault(named, record.offset)
        total = counts.total()
        return [
            {
                "fingerprint": fingerprint(self.secret, named.address),
                "type": named.type,
                "source": named.source or None,
                "share": round(count / total, 3),
                "offset": first[named],
            }
            for named, count in counts.most_common(_SHOWN)
            if count > 1 and count / total >= _LEAST_SHARE
        ]


def names_in(record: Peeked, topic: str, topics: Topics, region: str) -> Iterator[Named]:
    """Whom a record of one of the topics is about; nobody when it cannot be read."""
    with suppress(Rejected, TypeError, ValueError):
        if topic == topics.events:
            yield from _in_events(record, region)
        elif topic in {topics.touched, topics.identity}:
            said = _object(record.value)
            for address in (*(root for root, _ in said.get("touch") or ()), *said.get("flip", ()), *_weighed(said)):
                yield Named(address, address.partition(":")[0])
        else:
            kind = "source" if topic == topics.dead_letters else "definition"
            yield Named((record.key or b"").decode(), kind)


def _object(text: bytes) -> dict[str, Any]:
    """The object this is; TypeError for anything else."""
    found = orjson.loads(text)
    if not isinstance(found, dict):
        raise TypeError
    return found


def _weighed(said: Mapping[str, Any]) -> Sequence[str]:
    return said.get("weigh") or ()


def _in_events(record: Peeked, region: str) -> Iterator[Named]:
    """The first identifier of each event that has any."""
    source = record.headers.get(HEADER_SOURCE, b"").decode()
    for line in split(record.value):
        ids = normalise_ids(_object(line).get("ids"), source=source, region=region)
        if ids:
            yield Named(ids[0].address, ids[0].type, source)


def _up_to(records: Iterable[Peeked], size: int) -> Iterator[Peeked]:
    for record in records:
        size -= len(record.value)
        if size < 0:
            return
        yield record
