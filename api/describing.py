"""Members with their identifiers, and with the fields of their dossiers that were asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from api.asking import held_at
from api.dossier import Shown, dossier
from api.fields import asks_what_holds, pick
from api.found import Described, Found
from api.held_view import held
from api.parameters import Asked
from api.services import Services
from projections.compiler.program import with_columns
from projections.database import Row, names
from projections.evaluating import KEPT, people_sql
from projections.identity.people import people_of
from projections.membership.state import states
from projections.profiles import fold_parameters
from projections.resolution import resolve_people
from schemas.identifiers import by_priority
from schemas.rfm import Boundaries

People = Mapping[str, Sequence[str]]


def describe(platform: Services, found: Sequence[Found], fields: Sequence[str], asked: Asked) -> list[Described]:
    """Say of each who it is, and what its dossier says."""
    people = people_of(platform.database, [each.root for each in found], asked.moment)
    members = {root: by_priority(platform.book.identifiers(people.get(root, ()))) for root in people}
    shown = _dossiers(platform, people, fields, asked) if fields else {}
    return [
        Described(
            each,
            members.get(each.root, []),
            {name: pick(shown[each.root], name) if each.root in shown else None for name in fields},
        )
        for each in found
    ]


def _dossiers(platform: Services, people: People, fields: Sequence[str], asked: Asked) -> dict[str, dict[str, Any]]:
    rows = _rows(platform, people, asked)
    boundaries = _boundaries(platform, fields, asked)
    shown = Shown(asked.moment.at, platform.currency, boundaries, platform.terms.zone, platform.book.region)
    holds = _holds(platform, list(people), asked, boundaries) if asks_what_holds(fields) else {}
    return {
        row["root"]: dossier(row, platform.book.identifiers(row["members"]), shown) | held(holds.get(row["root"], {}))
        for row in rows
    }


def _rows(platform: Services, people: People, asked: Asked) -> list[Row]:
    if asked.live:
        return platform.database.rows(with_columns(KEPT), {}, names(people))
    tables = resolve_people(platform.database, people, {}, asked.moment).tables()
    parameters = fold_parameters(asked.moment, platform.terms)
    return platform.database.rows(with_columns(people_sql(asked.moment)), parameters, tables)


def _boundaries(platform: Services, fields: Sequence[str], asked: Asked) -> Boundaries | None:
    """What is scored against, where something asked for is."""
    scored = any(name.startswith("rfm") for name in fields)
    if asked.live:
        return platform.boundaries.present() if scored else None
    return platform.boundaries.at(asked.moment) if scored or asks_what_holds(fields) else None


def _holds(
    platform: Services, roots: Sequence[str], asked: Asked, boundaries: Boundaries | None
) -> dict[str, dict[str, Any]]:
    if not asked.live:
        return held_at(platform, roots, asked, boundaries)
    found = states(platform.database, roots)
    return {root: {each.ref: orjson.loads(each.value) for each in state.held} for root, state in found.items()}
