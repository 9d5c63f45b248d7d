"""What a measurement runs on, and what the platform's processes take of it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import psutil  # type: ignore[import-untyped]

_LINES = 50_000
# An event as a page sends it, 224 bytes.
_LINE = (
    b'{"event_id":"b-000000000001","type":"product.viewed","occurred_at":"2026-03-01T12:00:00Z",'
    b'"ids":{"member_id":"b000001"},"channel":"app","data":{"sku":"P-0001","category":"perfume","price":"99.00",'
    b'"url":"/perfume/P-0001/aa"}}'
)


@dataclass(frozen=True, slots=True)
class Machine:
    """Cores this may use, bytes of memory, and how busy it was with other things before: processes that ran."""

    cores: int
    memory: int
    load_before: float
    json_lines: float
    """Lines a second that one thread reads with `json.loads`, of events of 224 bytes: how fast a core is at Python."""


def machine() -> Machine:
    """The one this runs on, now."""
    return Machine(len(os.sched_getaffinity(0)), psutil.virtual_memory().total, psutil.getloadavg()[0], json_lines())


def json_lines() -> float:
    """The best of three tries, in lines a second."""
    return max(_lines_a_second() for _ in range(3))


def _lines_a_second() -> float:
    began = time.thread_time()
    for _ in range(_LINES):
        json.loads(_LINE)
    return _LINES / (time.thread_time() - began)


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
