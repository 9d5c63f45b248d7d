"""Where measurements of a full platform begin: facts, dossiers of everybody, and boundaries between customers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from deploy.bench.evaluation import counts
from deploy.bench.facts import make_facts
from deploy.bench.folding import fold_everybody
from deploy.bench.phases import Phases
from deploy.bench.scale import Doors, Scale
from deploy.errors import CannotStart
from projections.boundary_versions import renew_boundaries
from projections.database import Database
from schemas.topics import catalogue


@dataclass(frozen=True, slots=True)
class Filled:
    """How many seconds each took."""

    made: float
    folded: float


def fill(database: Database, doors: Doors, scale: Scale, phases: Phases, now: datetime) -> Filled:
    """All of it, on a platform that holds no fact yet. Raises CannotStart on another."""
    made = fill_facts(database, doors, scale, phases, now)
    with phases.phase("fold of everybody", scale.customers) as advance:
        fold_everybody(database, doors.terms, now, advance)
        renew_boundaries(database, doors.terms.currency, now, cause="demand", hysteresis=Decimal(0))
    return Filled(made, phases.done[-1].seconds)


def fill_facts(database: Database, doors: Doors, scale: Scale, phases: Phases, now: datetime) -> float:
    """Facts only; gives the seconds they took. Raises CannotStart where there are some already."""
    if counts(database).facts:
        raise CannotStart("There are facts already. A measurement needs a directory of its own: leave --data-dir out.")
    topic = catalogue(doors.topic_prefix)["events"].name
    with phases.phase("making facts", scale.events) as advance:
        make_facts(database, scale, doors.terms.currency, topic, now, advance)
    return phases.done[-1].seconds
