"""What a measurement runs on, and what the platform's processes take of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import psutil  # type: ignore[import-untyped]


@dataclass(frozen=True, slots=True)
class Machine:
    """Cores this may use, bytes of memory, and how busy it was with other things before: processes that ran."""

    cores: int
    memory: int
    load_before: float


def machine() -> Machine:
    """The one this runs on, now."""
    return Machine(len(os.sched_getaffinity(0)), psutil.virtual_memory().total, psutil.getloadavg()[0])


def cpu_seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """CPU seconds of each process since it started; who is gone is left out."""
    found = {}
    for name, pid in pids.items():
        with suppress(psutil.NoSuchProcess):
            times = psutil.Process(pid).cpu_times()
            found[name] = times.user + times.system
    return found


def resident_bytes(pids: Mapping[str, int]) -> dict[str, int]:
    """Bytes of memory each process holds; who is gone is left out."""
    found = {}
    for name, pid in pids.items():
        with suppress(psutil.NoSuchProcess):
            found[name] = psutil.Process(pid).memory_info().rss
    return found
