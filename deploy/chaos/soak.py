"""A soak: steady traffic for long, while memory, open files and threads of each process are looked at."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psutil  # type: ignore[import-untyped]

from deploy.chaos.plans import PROCESSES
from deploy.chaos.state import Processes

_MIB = 1 << 20
_SETTLING = 0.3
"""Share of the time after which slopes begin: caches fill, Java compiles, pools grow."""
_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Sample:
    """One process at one moment."""

    at: float
    pid: int
    mib: float
    files: int
    threads: int


@dataclass(frozen=True, slots=True)
class Trend:
    """One figure of one process: how it began and ended after it had settled, and its slope by the hour."""

    first: float
    last: float
    most: float
    an_hour: float


async def watch(processes: Processes, seconds: float, interval: float) -> dict[str, list[Sample]]:
    """Look at every process now and then, so long."""
    samples: dict[str, list[Sample]] = {name: [] for name in PROCESSES}
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for name in samples:
            pid = processes.of(name).pid
            samples[name] += [] if pid is None else _sample(pid)
        await asyncio.sleep(interval)
    return samples


def trends(samples: Sequence[Sample]) -> Mapping[str, Trend]:
    """What became of each figure, of the present process only, once it had settled."""
    alive = [each for each in samples if each.pid == samples[-1].pid]
    settled = alive[int(len(alive) * _SETTLING) :]
    times = [each.at for each in settled]
    return {
        "MiB": _trend(times, [each.mib for each in settled]),
        "files": _trend(times, [float(each.files) for each in settled]),
        "threads": _trend(times, [float(each.threads) for each in settled]),
    }


def _trend(times: Sequence[float], values: Sequence[float]) -> Trend:
    return Trend(values[0], values[-1], max(values), slope(times, values) * _HOUR)


def slope(times: Sequence[float], values: Sequence[float]) -> float:
    """Least squares: value a second; 0 where there is but one moment."""
    middle, level = sum(times) / len(times), sum(values) / len(values)
    spread = sum((at - middle) ** 2 for at in times)
    if not spread:
        return 0.0
    return sum((at - middle) * (value - level) for at, value in zip(times, values, strict=True)) / spread


def _sample(pid: int) -> list[Sample]:
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            mib = process.memory_info().rss / _MIB
            return [Sample(time.monotonic(), pid, mib, process.num_fds(), process.num_threads())]
    except psutil.NoSuchProcess:
        return []
