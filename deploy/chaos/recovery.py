"""How soon killed processors have caught up, while events keep coming."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from deploy.chaos.state import Processes
from deploy.chaos.steady import Counts, steady
from deploy.errors import CannotReach
from deploy.loading.client import Client

CAUGHT_UP = 3.0
"""Seconds: so old is at most what is in no answer yet. The API looks once a second, so this is little over as ever."""
_WARM_UP = 10.0
_BETWEEN = 5.0
_LOOK = 0.1
_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Recovery:
    """Seconds: how far answers were behind the log before, at most after kill -9, and how soon they were as before."""

    before: float
    most: float
    caught_up: float


async def recoveries(
    processes: Processes, ingest: Client, api: Client, rate: int, kills: int, told: Callable[[Recovery], None]
) -> Counts:
    """Kill the processors so many times under steady traffic. Raises CannotReach when they do not come back."""
    async with steady(ingest, rate, seed=kills) as counts:
        await asyncio.sleep(_WARM_UP)
        for _ in range(kills):
            await _until_caught_up(lambda: _behind(api))
            told(await _recovery(processes, api))
            await asyncio.sleep(_BETWEEN)
    return counts


async def _recovery(processes: Processes, api: Client) -> Recovery:
    before = await _behind(api)
    began = time.monotonic()
    processes.signal("processors", signal.SIGKILL)
    fell = await _until(lambda: _behind(api), lambda behind: behind > CAUGHT_UP)
    most = await _until_caught_up(lambda: _behind(api))
    return Recovery(before, max(fell, most), time.monotonic() - began)


async def _until_caught_up(behind: Callable[[], Awaitable[float]]) -> float:
    return await _until(behind, lambda seconds: seconds <= CAUGHT_UP)


async def _until(ask: Callable[[], Awaitable[float]], holds: Callable[[float], bool]) -> float:
    """The greatest that was seen until it held."""
    deadline, most = time.monotonic() + _PATIENCE, 0.0
    while not holds(now := await ask()):
        most = max(most, now)
        if time.monotonic() > deadline:
            raise CannotReach(f"Not within {_PATIENCE:g} s: answers are {now:.1f} s behind. Try a lower --rate.")
        await asyncio.sleep(_LOOK)
    return max(most, now)


async def _behind(api: Client) -> float:
    """Seconds between the log and the answers of the projection that is furthest behind."""
    said = await api.get("/v1/lag")
    return max(float(each["lag_seconds"]) for each in said["projections"])
