"""A poisoned record is found, given up alone, and the others go on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from processors.edge import Edge
from processors.records import Record
from processors.suspicion import FAILURES, Suspicion


class Worker:
    """A step that fails on one offset, and what becomes of records."""

    def __init__(self, file: Path, poison: int, *, answers: bool = True) -> None:
        self.poison = poison
        self.done: list[int] = []
        self.steps = 0
        self.given_up: list[int] = []
        self.deaths = 0
        suspicion = Suspicion(file, lambda record: self.given_up.append(record.offset), lambda: answers)
        self.edge = Edge("step", self.step, self.die, suspicion)

    def step(self, records: Sequence[Record]) -> None:
        """Do all, or fail."""
        self.steps += 1
        if any(record.offset == self.poison for record in records):
            raise ZeroDivisionError
        self.done += [record.offset for record in records]

    def die(self, _: str) -> None:
        """Count instead of ending the process."""
        self.deaths += 1


def fetched(*offsets: int, partition: int = 0) -> list[Any]:
    """Faust events at these offsets."""
    moment = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    fields = {"topic": "t", "partition": partition, "timestamp": moment, "key": None, "value": b"", "headers": None}
    return [SimpleNamespace(message=SimpleNamespace(offset=offset, **fields)) for offset in offsets]


async def test_a_record_that_fails_alone_is_given_up(tmp_path: Path) -> None:
    """After three deaths at one place, the poisoned record alone is given up and its neighbours are done."""
    for _ in range(FAILURES):
        worker = Worker(tmp_path / "run" / "s.json", poison=8)
        await worker.edge.run(fetched(7, 8, 9))
        assert (worker.done, worker.given_up, worker.deaths) == ([], [], 1)
    worker = Worker(tmp_path / "run" / "s.json", poison=8)
    await worker.edge.run(fetched(7, 8, 9))
    assert (worker.done, worker.given_up, worker.deaths) == ([7, 9], [8], 0)


async def test_nothing_is_given_up_while_the_server_is_away(tmp_path: Path) -> None:
    """When the server does not answer, the record is not to blame: the process ends instead."""
    for _ in range(FAILURES):
        await Worker(tmp_path / "s.json", poison=8).edge.run(fetched(8))
    worker = Worker(tmp_path / "s.json", poison=8, answers=False)
    await worker.edge.run(fetched(8))
    assert (worker.given_up, worker.deaths) == ([], 1)


async def test_other_places_are_not_suspected(tmp_path: Path) -> None:
    """Failures at one place say nothing about another."""
    for _ in range(FAILURES):
        await Worker(tmp_path / "s.json", poison=8).edge.run(fetched(8))
    worker = Worker(tmp_path / "s.json", poison=30)
    await worker.edge.run(fetched(30))
    assert (worker.given_up, worker.deaths) == ([], 1)


async def test_the_record_that_fails_is_found_by_halves(tmp_path: Path) -> None:
    """Two thousand records, other partitions' among them, do not each cost a step for the one that fails."""
    chunk = [*fetched(*range(1000)), *fetched(*range(2000, 3000), partition=1)]
    for _ in range(FAILURES):
        await Worker(tmp_path / "s.json", poison=700).edge.run(chunk)
    worker = Worker(tmp_path / "s.json", poison=700)
    await worker.edge.run(chunk)
    assert worker.given_up == [700]
    assert worker.done == [offset for offset in (*range(1000), *range(2000, 3000)) if offset != 700]
    assert worker.steps < 25


async def test_two_poisoned_partitions_do_not_hide_each_other(tmp_path: Path) -> None:
    """However their failures alternate, each is found after three of its own."""
    for _ in range(FAILURES):
        await Worker(tmp_path / "s.json", poison=8).edge.run(fetched(8))
        await Worker(tmp_path / "s.json", poison=5).edge.run(fetched(5, partition=1))
    for poison, partition in ((8, 0), (5, 1)):
        worker = Worker(tmp_path / "s.json", poison)
        await worker.edge.run(fetched(poison, partition=partition))
        assert (worker.given_up, worker.deaths) == ([poison], 0)
