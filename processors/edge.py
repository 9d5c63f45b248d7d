"""Where steps meet the event loop: each in one thread of its own, patient with an absent server, fatal otherwise."""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import structlog

from processors.records import Record
from schemas.errors import Unavailable

Step = Callable[[Sequence[Record]], None]

_FIRST_WAIT = 0.2
_LONGEST_WAIT = 5.0
_log = structlog.get_logger()


class Edge:
    """Runs one step. Blocking calls never touch the event loop, so heartbeats go on whatever a step waits for."""

    def __init__(self, name: str, step: Step, on_fault: Callable[[str], None]) -> None:
        self._name = name
        self._step = step
        self._on_fault = on_fault
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def run(self, events: Sequence[Any]) -> None:
        """Take the step for some Faust events, until it is done."""
        await self._until_done([_record(event.message) for event in events])

    async def tick(self) -> None:
        """Take the step for the passing of time."""
        await self._until_done([])

    async def _until_done(self, records: Sequence[Record]) -> None:
        wait = _FIRST_WAIT
        while True:
            begun = time.perf_counter()
            try:
                await self._in_thread(records)
            except Unavailable as away:
                _log.warning("waiting", step=self._name, what=away.what, reason=str(away), seconds=wait)
                await asyncio.sleep(wait)
                wait = min(wait * 2, _LONGEST_WAIT)
            except Exception:  # the agent's edge: the one place that catches everything, to end the process
                _log.critical(
                    "step failed; the process ends so that nothing is acknowledged", step=self._name, exc_info=True
                )
                self._on_fault(self._name)
            else:
                _log.debug(
                    "step done", step=self._name, records=len(records), seconds=round(time.perf_counter() - begun, 4)
                )
                return

    async def _in_thread(self, records: Sequence[Record]) -> None:
        context = contextvars.copy_context()
        await asyncio.get_running_loop().run_in_executor(self._thread, context.run, self._step, records)


def _record(message: Any) -> Record:
    return Record(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        appended_at=datetime.fromtimestamp(round(message.timestamp * 1000) / 1000, UTC),
        key=message.key,
        value=message.value,
        headers={name: value for name, value in (message.headers or {}).items() if value is not None}
        if isinstance(message.headers, dict)
        else {name: value for name, value in (message.headers or ()) if value is not None},
    )
