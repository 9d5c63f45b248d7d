"""What a rebuild is made of, whichever projection it is for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Protocol

from deploy.attaching import Attached
from deploy.errors import CannotStart
from processors.records import Record
from projections.log.producer import LogProducer
from projections.log.replay import Fetched, LogReplay
from schemas.errors import Unavailable
from schemas.topics import Role

_CONNECT_SECONDS, _LOOK_SECONDS = 15.0, 0.05

Share = Callable[[float], None]
"""Is told how much of a phase is done, from 0 to 1."""
Phase = Callable[[str], Share]
"""A phase begins, by its name for people."""


class Work(Protocol):
    """Computes the tables beside the live ones, and follows what goes on."""

    def fill(self, phase: Phase) -> None:
        """Compute everything there was; goes on where a former attempt ended."""
        ...

    def catch_up(self) -> int:
        """Compute what came since; gives how much that was."""
        ...

    def settle(self, *, changed: bool) -> None:
        """After the tables were exchanged: do again, to the live ones, what may have gone to the former ones."""
        ...


def replayed(
    attached: Attached, role: Role, starts: Mapping[int, int], ends: Mapping[int, int] | None = None
) -> Iterator[tuple[list[Record], dict[int, int]]]:
    """Records of a topic from some offsets to its end (or some), and where it is to be read on after each portion.

    Raises CannotStart when Kafka has let go of records in between.
    """
    with closing(LogReplay(attached.kafka, attached.topics[role])) as log:
        begins = log.begins()
        until = dict(ends or log.ends())
        positions = {partition: starts.get(partition, 0) for partition in until}
        lost = {p: at for p, at in positions.items() if begins.get(p, 0) > at and until[p] > at}
        if lost:
            raise CannotStart(
                f"Kafka no longer keeps what {attached.topics[role]} held since then: it came too long ago. "
                "Drop what is there with --drop, and rebuild anew."
            )
        for fetched in log.read(positions, until):
            records = [_record(each) for each in fetched]
            positions |= {record.partition: record.offset + 1 for record in records}
            yield records, dict(positions)


@contextmanager
def topic(attached: Attached, role: Role) -> Iterator[LogReplay]:
    """A topic's ends and beginnings."""
    with closing(LogReplay(attached.kafka, attached.topics[role])) as log:
        yield log


def ends(attached: Attached, role: Role) -> dict[int, int]:
    """Where a topic ends now."""
    with topic(attached, role) as log:
        return log.ends()


def begins(attached: Attached, role: Role) -> dict[int, int]:
    """Where a topic begins."""
    with topic(attached, role) as log:
        return log.begins()


def count(starts: Mapping[int, int], until: Mapping[int, int]) -> int:
    """How many records lie between."""
    return sum(max(0, end - starts.get(partition, 0)) for partition, end in until.items())


def _record(each: Fetched) -> Record:
    return Record(each.topic, each.partition, each.offset, each.appended_at, each.key, each.value, each.headers)


@contextmanager
def producer(attached: Attached) -> Iterator[LogProducer]:
    """The log to write to, once it is known how many partitions its topics have."""
    names = [attached.topics[role] for role in ("touched", "identity", "dead_letters", "changes")]
    log = LogProducer(attached.kafka, "cdp-rebuild", topics=names)
    try:
        deadline = time.monotonic() + _CONNECT_SECONDS
        while not all(_is_known(log, name) for name in names):
            if time.monotonic() > deadline:
                raise Unavailable("kafka", "Kafka does not answer.")
            time.sleep(_LOOK_SECONDS)
        yield log
    finally:
        log.close()


def _is_known(log: LogProducer, name: str) -> bool:
    try:
        return log.partitions(name) > 0
    except Unavailable:
        return False
