"""A platform ready to be measured as a whole: traffic goes in, and all of it becomes current."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from deploy.bench.firing import Firing, Generator, Posts, generator
from deploy.bench.ledger import Chunk, chunks, read_rows
from deploy.bench.mixes import Mix
from deploy.bench.phases import Phases
from deploy.bench.scale import Doors, Scale
from deploy.errors import CannotReach
from projections.database import Database
from projections.log.admin import LogAdmin
from projections.progress import PROFILER, RECORDER, RESOLVER, Head, TopicPartition, heads
from schemas.topics import Role

EVENTS_A_REQUEST = 100
CONNECTIONS = 16
_LOOK = 0.2
_READERS: tuple[tuple[str, Role], ...] = ((RECORDER, "events"), (RESOLVER, "identity"), (PROFILER, "touched"))
"""What follows from an event, in this order."""


@dataclass(slots=True)
class Chain:
    """One platform, ready to be sent events to."""

    doors: Doors
    scale: Scale
    database: Database
    admin: LogAdmin
    phases: Phases
    topics: Mapping[Role, str]
    _runs: Iterator[int] = field(default_factory=count)

    @contextmanager
    def traffic(self, mix: Mix, events: int, rate: float | None = None) -> Iterator[Generator]:
        """A load generator of so many events in whole requests, at a rate in events a second or as fast as it goes."""
        run, doors = next(self._runs), self.doors
        name = f"{mix}-{int(time.time())}-{run}"
        posts = Posts(
            doors.ingest, doors.write_key, mix, self.scale.customers, self.scale.seed + run, name, EVENTS_A_REQUEST
        )
        requests = max(1, round(events / EVENTS_A_REQUEST))
        with generator(Firing(doors.ingest, posts, requests, CONNECTIONS, rate and rate / EVENTS_A_REQUEST)) as made:
            yield made

    def await_current(self, seconds: float) -> None:
        """Return when all that is in the log now is in profiles and memberships.

        Raises CannotReach when it is not after so long.
        """
        deadline = time.monotonic() + seconds
        for stage, role in _READERS:
            ends = self.admin.end_offsets([self.topics[role]])
            while not _passed(heads(self.database).get(stage, {}), ends):
                if time.monotonic() > deadline:
                    raise CannotReach(f"Not within {seconds:,.0f} s: the {stage} has done all that was sent.")
                time.sleep(_LOOK)

    def chunks_since(self, moment: float) -> list[Chunk]:
        """What became of events that were recorded since."""
        return chunks(read_rows(self.database), {self.topics["identity"], self.topics["touched"]}, moment)


def _passed(known: Mapping[TopicPartition, Head], ends: Mapping[TopicPartition, int]) -> bool:
    return all(
        not end or ((head := known.get(place)) is not None and head.last >= end - 1) for place, end in ends.items()
    )
