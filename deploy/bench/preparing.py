"""What measurements of the whole chain have in common: how a platform is prepared, and what is reported of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from rich.console import Console

from deploy.bench.chain import Chain
from deploy.bench.claimed import await_merges, claim_facts
from deploy.bench.evaluation import await_passes, define, reevaluate
from deploy.bench.filling import fill
from deploy.bench.machine import Machine, cpu_seconds, machine, resident_bytes
from deploy.bench.mixed import Mixed, mixed
from deploy.bench.phases import Phases
from deploy.bench.report import Figure, Report
from deploy.bench.scale import Doors, Scale
from projections.database import Database
from projections.log.admin import LogAdmin
from schemas.topics import catalogue

_STATEMENT_SECONDS = 590.0


class Asked(Protocol):
    """What a measurement is told of how much there is."""

    @property
    def scale(self) -> Scale:
        """As far as facts and definitions go."""
        ...

    def said(self) -> dict[str, object]:
        """What a report says of it."""
        ...


@dataclass(slots=True)
class Found:
    """What a measurement finds is gathered here."""

    machine: Machine
    figures: list[Figure] = field(default_factory=list)
    counted: dict[str, float] = field(default_factory=dict)


Work = Callable[[Chain, Found], Coroutine[Any, Any, None]]


async def reported(doors: Doors, asked: Asked, console: Console, work: Work, more: Sequence[Mixed] = ()) -> Report:
    """Prepare the platform, do the work on it, and say what was found. Raises CannotStart, CannotReach."""
    found, phases = Found(machine()), Phases(console, doors.pids)
    with ExitStack() as stack:
        enter = stack.enter_context
        chain = await asyncio.to_thread(lambda: enter(prepared(doors, asked.scale, phases, more)))
        await work(chain, found)
    cpu, resident = cpu_seconds(doors.pids), resident_bytes(doors.pids)
    return Report(found.machine, asked.said(), found.figures, found.counted, phases.done, cpu, resident)


@contextmanager
def prepared(doors: Doors, scale: Scale, phases: Phases, more: Sequence[Mixed] = ()) -> Iterator[Chain]:
    """An empty platform, given facts, claims, dossiers and definitions; everybody evaluated. Raises CannotStart."""
    with (
        closing(Database(doors.clickhouse, timeout=_STATEMENT_SECONDS)) as database,
        closing(LogAdmin(doors.kafka, client_id="cdp-bench", timeout=60)) as admin,
    ):
        if defined := [*mixed(scale.definitions, scale.seed), *more]:
            define(database, doors, defined, lambda _: None)  # of nobody yet
        fill(database, doors, scale, phases, datetime.now(UTC))
        with phases.phase("claims of facts"):
            claim_facts(database)
        with phases.phase(f"everybody by {scale.definitions} definitions and the built-in tags", 1) as advance:
            await_passes(database, lambda _: None)
            reevaluate(database, doors, advance)
        with phases.phase("merges"):
            await_merges(database)
        topics = {role: topic.name for role, topic in catalogue(doors.topic_prefix).items()}
        yield Chain(doors, scale, database, admin, phases, topics)
