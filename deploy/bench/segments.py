"""The whole measurement of segments and tags, on an empty platform: facts, folds, passes, live traffic, questions."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from rich.console import Console

from deploy.bench.asking import FAILED, time_questions
from deploy.bench.evaluation import await_passes, counts, define, passes_since, reevaluate
from deploy.bench.filling import fill
from deploy.bench.floors import aggregate_seconds, one_customer_seconds, scan_seconds
from deploy.bench.machine import cpu_seconds, machine, resident_bytes
from deploy.bench.mixed import Mixed, mixed
from deploy.bench.phases import Phases
from deploy.bench.report import Figure, Report, percentiles
from deploy.bench.scale import Doors, Scale
from deploy.bench.traffic import SEGMENT, Entering, Sending, Sent, segment, sending
from deploy.bench.watching import Seen, Watcher
from projections.database import Database, names
from schemas.topics import catalogue

_STATEMENT_SECONDS = 590.0
_PERSONS = "SELECT root, person_id FROM profiles WHERE root IN (SELECT name FROM names) LIMIT 1 BY root"


@dataclass(slots=True)
class Run:
    """One measurement; what its phases found is gathered here."""

    doors: Doors
    scale: Scale
    database: Database
    phases: Phases
    figures: list[Figure] = field(default_factory=list)
    counted: dict[str, float] = field(default_factory=dict)


async def measure(doors: Doors, scale: Scale, console: Console) -> Report:
    """Do it all. Raises CannotStart when the platform is not empty, CannotReach and Unavailable when it goes away."""
    found, began = machine(), datetime.now(UTC)
    with closing(Database(doors.clickhouse, timeout=_STATEMENT_SECONDS)) as database:
        run = Run(doors, scale, database, Phases(console, doors.pids))
        definitions = mixed(scale.definitions, scale.seed)
        await asyncio.to_thread(_fill, run, began)
        await asyncio.to_thread(_evaluate, run, definitions)
        await asyncio.to_thread(_live, run, began)
        await _ask(run, definitions)
        passes = await asyncio.to_thread(passes_since, database, began)
        run.counted |= {f"passes for {cause}": count for cause, count in passes.items()}
    cpu, resident = cpu_seconds(doors.pids), resident_bytes(doors.pids)
    return Report(found, scale.said(), run.figures, run.counted, run.phases.done, cpu, resident)


def _fill(run: Run, now: datetime) -> None:
    """Facts and profiles of everybody, and boundaries between them."""
    scale = run.scale
    filled = fill(run.database, run.doors, scale, run.phases, now)
    run.figures.append(Figure("fold of everybody", filled.folded))
    run.counted |= {
        "facts made a second": scale.events / filled.made,
        "folds a second": scale.customers / filled.folded,
    }


def _evaluate(run: Run, definitions: Sequence[Mixed]) -> None:
    """The built-in tags, then the mixed definitions, then all of them once more when nothing is new."""
    database, doors, scale = run.database, run.doors, run.scale
    with run.phases.phase("built-in tags of everybody", 1) as advance:
        await_passes(database, advance)
        built_in = reevaluate(database, doors, advance)
    before = counts(database)
    with run.phases.phase(f"{scale.definitions} definitions, new", 1) as advance:
        new = define(database, doors, [*definitions, Mixed("segment", SEGMENT, segment(scale))], advance)
    after = counts(database)
    with run.phases.phase("all definitions again", 1) as advance:
        again = reevaluate(database, doors, advance)
    with run.phases.phase("bare statements"):
        floor, one = aggregate_seconds(database), one_customer_seconds(doors)
    run.figures += [
        Figure("built-in tags of everybody", built_in, None, floor),
        Figure("all definitions for everybody, new", new, 60, floor),
        Figure("all definitions for everybody, again", again, 60, floor),
        Figure("all definitions for one customer", one),
    ]
    run.counted |= {
        "customers": after.customers,
        "memberships": after.memberships,
        "changes by new definitions": after.changes - before.changes,
        "facts a second, new": after.facts / new,
        "facts a second, again": after.facts / again,
        "evaluations a second, again": after.customers * scale.definitions / again,
    }


def _live(run: Run, began: datetime) -> None:
    """Traffic at its rate, and what comes of it."""
    doors, scale = run.doors, run.scale
    what = Sending(doors.ingest, doors.write_key, scale, f"live-{int(began.timestamp())}")
    topic = catalogue(doors.topic_prefix)["changes"].name
    with run.phases.phase("live traffic"), Watcher(doors.kafka, topic, SEGMENT) as watcher:
        with sending(what) as sender:
            sent: Sent = sender.said()
        persons = dict(run.database.tuples(_PERSONS, tables=names(sent.entering)))
        entering = {persons[address]: each for address, each in sent.entering.items()}
        watcher.await_through(entering, scale.window_seconds + scale.late_seconds)
    run.counted |= {"events to enter by, a second": sent.per_second, "events refused": sent.refused}
    _tell(run, entering, watcher.seen)


def _tell(run: Run, entering: Mapping[str, Entering], seen: Seen) -> None:
    sent = {person: each.at for person, each in entering.items()}
    entries = seen.delays_of_entries(sent)
    exits = seen.delays_of_exits({person: at + run.scale.window_seconds for person, at in sent.items()})
    run.figures += percentiles("event → membership", entries, {0.5: None, 0.95: 2, 0.99: None})
    run.figures += percentiles("window's end → exit", exits, {0.5: None, 0.99: 5})
    run.counted |= {
        "events to enter by": len(entering),
        "entries never seen": len(entering) - len(entries),
        "exits never seen": len(entering) - len(exits),
        "entries and exits with another cause": seen.wrong_causes({p: each.event_id for p, each in entering.items()}),
        "other changes meanwhile": seen.others,
    }


async def _ask(run: Run, definitions: Sequence[Mixed]) -> None:
    """What the API is asked, with no traffic beside it."""
    with run.phases.phase("questions", 3 * run.scale.questions) as advance:
        floor = await asyncio.to_thread(scan_seconds, run.database)
        times = await time_questions(run.doors, run.scale, definitions, advance)
    for name, target in (("preview", 1.0), ("page of members", None), ("explain", None)):
        for figure in percentiles(name, times[name], {0.5: None, 0.95: target}):
            run.figures.append(replace(figure, limit=floor))
    run.counted["questions that failed"] = len(times[FAILED])
