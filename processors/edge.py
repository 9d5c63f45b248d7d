"""Where steps meet the event loop: each in one thread of its own, patient with an absent server, fatal otherwise."""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import structlog

from processors.holding import Held
from processors.metrics import StepWatch, Unwatched
from processors.pulse import Pulse
from processors.records import Record
from processors.suspicion import Suspicion
from schemas.errors import Unavailable

Step = Callable[[Sequence[Record]], None]
Failed = Callable[[Sequence[Record]], Awaitable[None]]

_FIRST_WAIT = 0.2
_LONGEST_WAIT = 5.0
_UNWATCHED = Unwatched()
_LET_GO_EVERY = 0.5
_log = structlog.get_logger()


class Edge:
    """Runs one step. Blocking calls never touch the event loop, so heartbeats go on whatever a step waits for."""

    def __init__(  # noqa: PLR0913, PLR0917 -- each part once, from the one place that puts them together
        self,
        name: str,
        step: Step,
        on_fault: Callable[[str], None],
        suspicion: Suspicion | None = None,
        watch: StepWatch = _UNWATCHED,
        let_go: Callable[[], None] = lambda: None,
        pulse: Pulse | None = None,
    ) -> None:
        """`let_go` has nobody wait for what was handed out to this step: neither a rebalance nor a stop."""
        self._name = name
        self._pulse = pulse or Pulse(name)
        self._step = step
        self._on_fault = on_fault
        self._suspicion = suspicion
        self._watch = watch
        self._let_go = let_go
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def run(self, events: Sequence[Any]) -> None:
        """Take the step for some Faust events, until it is done."""
        records = [_record(event.message) for event in events]
        suspected = self._suspicion is not None and self._suspicion.suspects(records)
        if suspected:
            _log.warning("looking for the record that fails, since the step failed here before", step=self._name)
        await self._alive(records, self._halve if suspected else self._fail)

    async def tick(self) -> None:
        """Take the step for the passing of time."""
        await self._alive([], self._fail)

    async def _alive(self, records: Sequence[Record], failed: Failed) -> None:
        self._pulse.begin({(record.topic, record.partition) for record in records})
        try:
            await self._until_done(records, self._step, failed)
        finally:
            self._pulse.end()

    async def _until_done(self, records: Sequence[Record], step: Step, failed: Failed) -> None:
        wait = _FIRST_WAIT
        say = _log.critical
        while True:
            begun = time.perf_counter()
            try:
                await self._in_thread(step, records)
            except Unavailable as away:
                self._watch.waits(self._name, away.what)
                self._pulse.beat()
                _log.warning("waiting", step=self._name, what=away.what, reason=str(away), seconds=wait)
                await asyncio.sleep(wait)
                wait = min(wait * 2, _LONGEST_WAIT)
            except Held as held:
                self._watch.held(self._name)
                self._pulse.beat()
                say("held", step=self._name, reason=held.message)
                say = _log.debug  # it is tried again every few seconds
                await self._stand(wait)
                wait = min(wait * 2, _LONGEST_WAIT)
            except Exception:  # the agent's edge: the one place that catches everything, to end the process
                self._watch.failed(self._name)
                _log.critical("step failed", step=self._name, records=len(records), exc_info=True)
                await failed(records)
                return
            else:
                seconds = time.perf_counter() - begun
                self._watch.done(self._name, len(records), seconds)
                _log.debug("step done", step=self._name, records=len(records), seconds=round(seconds, 4))
                return

    async def _stand(self, seconds: float) -> None:
        """Wait while the group goes on without these records: they are not acknowledged, so who reads next has them."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._let_go()
            await asyncio.sleep(min(left, _LET_GO_EVERY))

    async def _fail(self, records: Sequence[Record]) -> None:
        """End the process, so that nothing is acknowledged."""
        if self._suspicion is not None and records:
            self._suspicion.note(records)
        self._on_fault(self._name)

    async def _halve(self, records: Sequence[Record]) -> None:
        """Of records that failed together do those that can be done; the others, partitions or not, need not wait."""
        if len(records) == 1:
            await self._fail_alone(records)
            return
        middle = len(records) // 2
        for half in (records[:middle], records[middle:]):
            await self._until_done(half, self._step, self._halve)

    async def _fail_alone(self, records: Sequence[Record]) -> None:
        """Give a record up that failed alone, unless the server is to blame."""
        suspicion = self._suspicion
        if suspicion is None or not await asyncio.to_thread(suspicion.answers):
            await self._fail(records)
            return
        await self._until_done(records, lambda alone: suspicion.give_up(alone[0]), self._fail)

    async def _in_thread(self, step: Step, records: Sequence[Record]) -> None:
        context = contextvars.copy_context()
        await asyncio.get_running_loop().run_in_executor(self._thread, context.run, step, records)


def _record(message: Any) -> Record:
    return Record(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        appended_at=datetime.fromtimestamp(round(message.timestamp * 1000) / 1000, UTC),
        key=message.key,
        value=message.value,
        headers={name: value for name, value in _pairs(message.headers) if value is not None},
    )


def _pairs(headers: Any) -> Iterable[tuple[str, bytes | None]]:
    """Faust hands headers on as its driver gave them: a mapping, pairs, or nothing."""
    pairs: Iterable[tuple[str, bytes | None]] = headers.items() if isinstance(headers, Mapping) else headers or ()
    return pairs
