"""Rounds of a measurement: done several times, of which the median is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from deploy.bench.machine import cpu_seconds


@dataclass(frozen=True, slots=True)
class Round:
    """One round: events a second, CPU seconds of a million events by process, percentiles of the ack in seconds."""

    per_second: float
    cpu: Mapping[str, float]
    p50: float = 0.0
    p99: float = 0.0


def middle(rounds: Sequence[Round]) -> Round:
    """Of each figure the median."""
    cpu = {process: median(each.cpu[process] for each in rounds) for process in rounds[0].cpu}
    p50, p99 = median(each.p50 for each in rounds), median(each.p99 for each in rounds)
    return Round(median(each.per_second for each in rounds), cpu, p50, p99)


def each_million(cpu: Mapping[str, float], events: int) -> dict[str, float]:
    """CPU seconds of a million events, given those of so many."""
    return {process: spent / events * 1e6 for process, spent in cpu.items()}


@contextmanager
def taken(pids: Mapping[str, int]) -> Iterator[dict[str, float]]:
    """CPU seconds each process takes during the block, there once it has ended."""
    found, before = dict[str, float](), cpu_seconds(pids)
    yield found
    found |= {name: spent - before[name] for name, spent in cpu_seconds(pids).items()}
