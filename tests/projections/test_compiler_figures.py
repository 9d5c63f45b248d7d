"""Every figure that a definition may name is found in ClickHouse as the oracle's dossier has it, until its edges."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.compiler.edges import least
from projections.compiler.figures import figure
from projections.compiler.found import Found
from projections.compiler.sampling import sampled, share
from projections.compiler.scope import Scope
from projections.compiler.scoring import boundary_parameters
from projections.compiler.traits import trait
from projections.database import Database
from projections.profiles import fold_parameters
from projections.resolution import resolve
from projections.rfm import boundaries, population
from projections.statements import statement
from schemas.definitions.metrics import METRICS, Metric, metric
from tests.oracle.definitions.facts import World
from tests.oracle.definitions.facts import share as told_share
from tests.oracle.definitions.fields import of_dossier
from tests.oracle.definitions.population import world
from tests.oracle.definitions.values import flat
from tests.oracle.model import Logged
from tests.property.answers import as_of
from tests.property.conftest import database as database
from tests.property.recording import CURRENCY, TERMS, record
from tests.property.sizes import chances, examples
from tests.strategies.customers import ADDRESSES
from tests.strategies.histories import NOW, ORDERS_OF, histories, moments
from tests.strategies.payloads import KINDS, SOURCES

pytestmark = pytest.mark.clickhouse

KEYS = {
    "interactions.by_type.*": ("app.opened", "product.viewed", "custom.quiz", "custom.quiz.won"),
    "interactions.by_channel.*": ("pos", "wechat", "nowhere"),
    "interactions.by_campaign.*": ("spring", "双11", "mail"),
}
PURPOSES = ("sms", "email")
STEP = timedelta(microseconds=1)


def paths(name: str) -> list[str]:
    """The catalogue's metric with the keys that histories have."""
    return [name.replace("*", key) for key in KEYS.get(name, PURPOSES)] if "*" in name else [name]


FIGURES = [metric(path) for name in METRICS for path in paths(name) if name != "lifecycle"]
TRAITS = sorted(KINDS)


def asked(sql: list[str], people: str) -> str:
    """The statement that finds all of these."""
    return f"SELECT person.root, tuple({', '.join(sql)}) FROM ({people}) AS person WHERE person.present"


def told(everyone: World, root: str, one: Metric) -> Any:
    """What the oracle's dossier says."""
    found = of_dossier(everyone.person(root).dossier, one.path)
    if one.typed.many:
        return found
    return found[0] if found else 0 if one.zero else None


def plain(found: Any) -> Any:
    """Dates as they are written; numbers of whichever type are the same."""
    if isinstance(found, date) and not isinstance(found, datetime):
        return found.isoformat()
    return found


def parameters(scope: Scope, moment: Any, against: Any) -> dict[str, object]:
    """All that a statement over folded people takes."""
    there = fold_parameters(moment, TERMS)
    return {**there, **scope.parameters(moment.at, TERMS.zone), **boundary_parameters(against)}


@examples(16)
@given(log=histories(), chance=chances, data=st.data())
def test_every_figure_is_what_the_dossier_says(
    database: Database, log: list[Logged], chance: random.Random, data: st.DataObject
) -> None:
    """In kept profiles now, and folded as of any time; traits with all values of lists."""
    record(database, log, chance).fold()
    for folds, at in ((False, NOW), (True, data.draw(moments(log)))):
        moment = as_of(at, "occurred_at")
        against = boundaries(database, population(database, moment, CURRENCY, from_facts=folds))
        scope = Scope()
        sql = [figure(one, scope).sql for one in FIGURES] + [trait(name, scope).sql for name in TRAITS]
        people = statement("fold") if folds else "SELECT * FROM profiles FINAL"
        tables = resolve(database, ADDRESSES, moment).tables() if folds else {}
        rows = dict(database.tuples(asked(sql, people), parameters(scope, moment, against), tables))
        everyone = world(log, NOW, as_of=at, orders_of=ORDERS_OF, currency=CURRENCY, zone=TERMS.zone)
        assert rows.keys() == {person.root for person in everyone.everybody()}
        for root, found in rows.items():
            expected = [told(everyone, root, one) for one in FIGURES]
            for one, here, there in zip(FIGURES, found, expected, strict=False):
                assert plain(here) == there, (one.path, here, there, root, at)
            traits = everyone.person(root).dossier["traits"]
            for name, here in zip(TRAITS, found[len(FIGURES) :], strict=True):
                assert [orjson.loads(raw) for raw in here] == flat(traits.get(name)), (name, root, at)
