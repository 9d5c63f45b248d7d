"""The whole measurement of rebuilds, on an empty platform: dossiers from facts, boundaries, everything from the log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from statistics import median

from rich.console import Console

from deploy.attaching import Attached
from deploy.bench.facts import SOURCE
from deploy.bench.filling import fill_facts
from deploy.bench.floors import aggregate_seconds, log_seconds, profiles_seconds, timed
from deploy.bench.machine import cpu_seconds, machine, resident_bytes
from deploy.bench.mixes import stream
from deploy.bench.phases import Advance, Phases
from deploy.bench.report import Figure, Report
from deploy.bench.scale import Doors, Scale, address_of
from deploy.loading.arrival import ask_after
from deploy.loading.batches import Line, cut
from deploy.loading.client import Client
from deploy.loading.load import load
from deploy.rebuilding.run import Rebuilding
from deploy.rebuilding.steps import Phase, producer
from processors.touched import Log
from projections.boundary_versions import renew_boundaries
from projections.database import Database
from projections.rebuilding.catalogue import PROFILES
from projections.rebuilding.state import Journal
from schemas.door import Door
from schemas.sources import Source
from schemas.topics import catalogue

_STATEMENT_SECONDS = 590.0
_TIMES = 3
_REGION = "CN"
"""Of phones without a country; made-up customers have none."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How much there is: facts of customers, and events that come through ingest to be replayed from the log."""

    customers: int
    facts: int
    replayed: int
    seed: int

    def said(self) -> dict[str, object]:
        """What a report says of it."""
        return {"customers": self.customers, "facts": self.facts, "replayed": self.replayed, "seed": self.seed}


@dataclass(slots=True)
class Run:
    """One measurement; what its phases found is gathered here."""

    doors: Doors
    scale: Rebuilt
    database: Database
    phases: Phases
    figures: list[Figure] = field(default_factory=list)
    counted: dict[str, float] = field(default_factory=dict)


async def measure(doors: Doors, scale: Rebuilt, console: Console) -> Report:
    """Everything, one after the other. Raises CannotStart where there are facts already."""
    found = machine()
    with closing(Database(doors.clickhouse, brief=True, timeout=_STATEMENT_SECONDS)) as database:
        run = Run(doors, scale, database, Phases(console, doors.pids))
        await asyncio.to_thread(_from_facts, run)
        if scale.replayed:
            await _send(run)
            await asyncio.to_thread(_from_log, run)
    cpu, resident = cpu_seconds(doors.pids), resident_bytes(doors.pids)
    return Report(found, scale.said(), run.figures, run.counted, run.phases.done, cpu, resident)


def attached_to(doors: Doors) -> Attached:
    """The platform as `cdp rebuild` sees it."""
    topics = {role: topic.name for role, topic in catalogue(doors.topic_prefix).items()}
    group, door = f"{doors.topic_prefix}cdp-processors", Door(_REGION)
    return Attached(doors.clickhouse, doors.kafka, topics, group, doors.terms, door, {SOURCE: Source(SOURCE)})


def _from_facts(run: Run) -> None:
    """Dossiers of everybody, exchanged; then the boundaries between customers, as the census renews them."""
    scale, phases, now = run.scale, run.phases, datetime.now(UTC)
    fill_facts(run.database, run.doors, Scale(scale.customers, scale.facts, 0, 0, 0, scale.seed), phases, now)
    attached = attached_to(run.doors)
    with producer(attached) as log:
        work = _work(run, attached, log, from_log=False)
        with phases.phase("profiles from facts", 1) as advance:
            journal = _filled(work, advance)
        with phases.phase("exchange"):
            work.swap(journal, changed=False)
        rebuilt, exchanged = (each.seconds for each in phases.done[-2:])
        with phases.phase("bare statements"):
            aggregate, bare = aggregate_seconds(run.database), profiles_seconds(run.database)
        with phases.phase("boundaries between customers"):
            boundaries = median(timed(_renewal(run)) for _ in range(_TIMES))
        work.drop()
    target = 60.0 if scale.customers >= 1_000_000 else None
    run.figures += [
        Figure("profiles from facts", rebuilt, target, aggregate),
        Figure("exchange of the tables", exchanged),
        Figure("RFM boundaries of everybody", boundaries, 1.0, bare),
    ]
    run.counted |= {"profiles a second": scale.customers / rebuilt, "facts a second": scale.facts / rebuilt}


async def _send(run: Run) -> None:
    """Events through ingest, all of them done by every stage before the measurement goes on."""
    doors, scale = run.doors, run.scale
    name = f"replay-{int(datetime.now(UTC).timestamp())}"
    events = islice(stream("sessions", scale.customers, scale.seed, name), scale.replayed)
    with run.phases.phase("events into the log", scale.replayed) as advance:
        async with Client(doors.ingest, doors.write_key) as ingest, Client(doors.api, doors.api_key) as api:
            batches = cut(Line(event, name) for event in events)
            sent = await load(ingest, batches, lambda batch, _: advance(len(batch.lines)))
            await ask_after(api, f"/v1/profiles/{address_of(0)}", sent.position, lambda _: None)
    run.counted["events refused"] = sent.rejected


def _from_log(run: Run) -> None:
    """Facts, identity and dossiers of what the log holds, beside the live ones; nothing is exchanged."""
    attached, scale = attached_to(run.doors), run.scale
    with producer(attached) as log:
        work = _work(run, attached, log, from_log=True)
        with run.phases.phase("everything from the log", 1) as advance:
            _filled(work, advance)
        with run.phases.phase("bare read of the log"):
            bare = log_seconds(attached)
        work.drop()
    took = run.phases.done[-2].seconds
    run.figures.append(
        Figure("replay of the log", scale.replayed / took, None, scale.replayed / bare, "events/s", more=True)
    )


def _work(run: Run, attached: Attached, log: Log, *, from_log: bool) -> Rebuilding:
    return Rebuilding(attached, run.database, log, lambda: datetime.now(UTC), PROFILES, from_log)


def _filled(work: Rebuilding, advance: Advance) -> Journal:
    """Begin, compute everything, and catch up with what came meanwhile."""
    journal = work.begin(anew=True)
    work.fill(journal, _parts(advance))
    return journal


def _parts(advance: Advance) -> Phase:
    """The phases of a rebuild on one bar; each begins it anew."""
    told = 0.0

    def begin(_: str) -> Callable[[float], None]:
        def share(done: float) -> None:
            nonlocal told
            advance(done - told)
            told = done

        share(0.0)
        return share

    return begin


def _renewal(run: Run) -> Callable[[], object]:
    """Boundaries of everybody, written when they are others than those in force."""
    currency = run.doors.terms.currency
    return lambda: renew_boundaries(run.database, currency, datetime.now(UTC), cause="schedule", hysteresis=Decimal(0))
