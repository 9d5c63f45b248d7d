"""Every figure that a definition may name is found in ClickHouse as the oracle's dossier has it, until its edges."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, partial
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.oracle.definitions.conditions import holds
from deploy.oracle.definitions.facts import World
from deploy.oracle.definitions.fields import of_dossier
from deploy.oracle.definitions.flips import At, standing_still
from deploy.oracle.definitions.population import world
from deploy.oracle.definitions.values import flat
from deploy.oracle.model import Json, Logged
from projections.compiler.edges import least
from projections.compiler.figures import figure
from projections.compiler.found import Condition
from projections.compiler.operators import compare
from projections.compiler.scope import Scope
from projections.compiler.scoring import boundary_parameters, uses_boundaries
from projections.compiler.traits import trait
from projections.database import Database, time_parameter
from projections.profiles import fold_parameters
from projections.resolution import resolve
from projections.rfm import boundaries, population
from projections.statements import statement
from schemas.definitions.metrics import METRICS, Metric, metric
from schemas.definitions.operators import Operator, read_value
from schemas.rfm import CLASS_LABELS, Boundaries
from tests.property.answers import as_of
from tests.property.recording import CURRENCY, TERMS, record
from tests.property.sizes import chances, examples
from tests.stack.servers import ClickHouse
from tests.strategies.customers import ADDRESSES
from tests.strategies.histories import NOW, ORDERS_OF, histories, moments
from tests.strategies.payloads import KINDS

pytestmark = pytest.mark.clickhouse

KEYS = {
    "interactions.by_type.*": ("app.opened", "product.viewed", "custom.quiz", "custom.quiz.won"),
    "interactions.by_channel.*": ("pos", "wechat", "nowhere"),
    "interactions.by_campaign.*": ("spring", "双11", "mail"),
}
PURPOSES = ("sms", "email")
Look = Callable[[At, str, datetime], Any]
STEP = timedelta(microseconds=1)


@pytest.fixture(scope="module")
def database(clickhouse_server: ClickHouse) -> Iterator[Database]:
    """A database for one history at a time."""
    database = Database(clickhouse_server.fresh_database())
    yield database
    database.close()


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


@examples(6)
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


MOVING = [one for one in FIGURES if figure(one, Scope()).edges]
LATER = [timedelta(days=days) for days in (0.3, 1, 5, 31, 200, 400, 44000)]
NEVER = "CAST(NULL, 'Nullable(DateTime64(6, \\'UTC\\'))')"
COMPARED: tuple[tuple[str, Operator, Any], ...] = (
    ("derived.age", "gte", 36),
    ("derived.age", "between", [24.5, 26]),
    ("derived.age", "in", [26, 121]),
    ("derived.age", "missing", None),
    ("derived.birthday", "exists", None),
    ("derived.birthday", "anniversary_within", "2d"),
    ("rfm.recency_days", "lt", 31),
    ("rfm.recency_days", "ne", 1),
    ("rfm.recency_days", "gt", 30.5),
    ("loyalty.expired", "gt", 1),
    ("loyalty.expiring.points", "lt", 10),
    ("loyalty.expiring.next_at", "within_next", "5d"),
    ("consent.sms.effective", "eq", True),
    ("consent.sms.expires_at", "within_last", "30d"),
    ("orders.last_at", "within_last", "31d"),
)


@examples(6)
@given(log=histories(), chance=chances)
def test_no_figure_changes_by_time_alone_before_its_edge(
    database: Database, log: list[Logged], chance: random.Random
) -> None:
    """Neither it nor a comparison with it, up to a microsecond before; without an edge never."""
    record(database, log, chance).fold()
    scope = Scope()
    conditions = [compared(path, op, value, scope) for path, op, value in COMPARED]
    edges = [least(figure(one, scope).edges) for one in MOVING if not uses_boundaries(one.path)]
    edges += [least(condition.edges or (NEVER,)) for condition in conditions]
    rows = dict(
        database.tuples(
            asked(edges, "SELECT * FROM profiles FINAL"), parameters(scope, as_of(NOW, "occurred_at"), None)
        )
    )
    everyone = world(log, NOW, orders_of=ORDERS_OF, currency=CURRENCY, zone=TERMS.zone)
    later = cache(standing_still(everyone))
    for root, row in rows.items():
        for what, edge in zip(looks(), row, strict=True):
            near = [NOW + ahead for ahead in LATER if edge is None or NOW + ahead < edge]
            for at in near + ([edge - STEP] if edge else []):
                assert what(later, root, at) == what(later, root, NOW), (what, root, edge, at)


def compared(path: str, op: Operator, value: Any, scope: Scope) -> Condition:
    """What the compiler makes of it."""
    one = metric(path)
    return compare(figure(one, scope), op, read_value(op, value, one.typed), scope)


def looks() -> Iterator[Look]:
    """At each figure and each comparison."""
    yield from (partial(look_at, one) for one in MOVING if not uses_boundaries(one.path))
    yield from (partial(look_through, {"metric": path, "op": op, "value": value}) for path, op, value in COMPARED)


def look_at(one: Metric, later: At, root: str, at: datetime) -> Any:
    """What the oracle says of a figure at a moment, with the facts that are known now."""
    return told(later(at), root, one)


def look_through(node: Json, later: At, root: str, at: datetime) -> Any:
    """And of a comparison."""
    return holds(later(at).person(root), node)


BUYER = """
    SELECT 'p' AS root, 1 AS present, 1 AS orders_count, toDecimal128(4, 4) AS net_amount,
           toNullable({bought:DateTime64(6, 'UTC')}) AS last_order_at
"""


def test_scores_change_at_their_edges_and_not_before(database: Database) -> None:
    """A customer who buys no more loses recency where a boundary is exceeded, and the class where the mean is."""
    against = Boundaries(
        NOW, 3, 40, 4, Decimal("10.5"), (0, 2, 2, 9), (1, 1, 1, 2), (Decimal(1), Decimal(2), Decimal(3), Decimal("9.5"))
    )
    bought = NOW - timedelta(days=1, seconds=5)
    scope = Scope()
    found = [figure(metric(path), scope) for path in ("rfm.r", "rfm.class", "rfm.m", "rfm.label", "rfm.share_percent")]

    def seen(at: datetime) -> list[Any]:
        sql = [each.sql for each in found] + [least(each.edges or (NEVER,)) for each in found]
        told = parameters(scope, as_of(at, "occurred_at"), against) | {"bought": time_parameter(bought)}
        return list(database.tuples(asked(sql, BUYER), told)[0][1])

    day = timedelta(days=1)
    assert seen(NOW) == [
        4,
        "important_develop",
        4,
        CLASS_LABELS["important_develop"],
        1,
        bought + 3 * day,
        bought + 14 * day,
        None,
        bought + 14 * day,
        None,
    ]
    assert [seen(bought + 3 * day - STEP)[0], seen(bought + 3 * day)[0], seen(bought + 10 * day)[0]] == [4, 2, 1]
    assert [seen(bought + 14 * day - STEP)[1], seen(bought + 14 * day)[1]] == [
        "important_develop",
        "important_win_back",
    ]
    assert seen(bought + 14 * day)[5:7] == [None, None]
