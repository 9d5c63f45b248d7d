"""What no dossier can be read faster than: its row, straight through the driver."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from projections.database import Database

_ROW = "SELECT * FROM profiles WHERE root = {root:String} ORDER BY version DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Points:
    """Seconds of each row that was read, and of all together."""

    latencies: list[float]
    seconds: float

    @property
    def per_second(self) -> float:
        """Rows a second."""
        return len(self.latencies) / self.seconds


def read_points(database: Database, roots: Iterator[str], count: int, lanes: int) -> Points:
    """Read so many, each lane its next when it has one."""
    wanted = list(islice(roots, count))
    began = time.monotonic()
    with ThreadPoolExecutor(lanes) as pool:
        latencies = list(pool.map(lambda root: _timed(database, root), wanted))
    return Points(latencies, time.monotonic() - began)


def read_at_pace(database: Database, roots: Iterator[str], rate: float, count: int, lanes: int) -> Points:
    """Read so many, so many a second; one that had to wait for a lane is timed from when it was due."""
    began, reading = time.monotonic(), list[Future[float]]()
    with ThreadPoolExecutor(lanes) as pool:
        for number, root in enumerate(islice(roots, count)):
            due = began + number / rate
            time.sleep(max(0.0, due - time.monotonic()))
            reading.append(pool.submit(_timed, database, root, due))
    return Points([each.result() for each in reading], time.monotonic() - began)


def read_point(database: Database, root: str) -> None:
    """One row."""
    database.tuples(_ROW, {"root": root})


def _timed(database: Database, root: str, due: float | None = None) -> float:
    began = time.monotonic() if due is None else due
    read_point(database, root)
    return time.monotonic() - began
