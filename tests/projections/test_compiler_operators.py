"""Every operator on every kind of thing comes out in ClickHouse as the oracle says, now and at its edges."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from deploy.oracle.definitions.clock import Clock
from deploy.oracle.definitions.values import StorePath, satisfies
from deploy.oracle.values import instant
from projections.compiler.edges import least
from projections.compiler.found import Condition, Found
from projections.compiler.jsonvalues import spread
from projections.compiler.operators import compare
from projections.compiler.scope import Scope
from projections.database import Database, Given, time_parameter
from schemas.definitions.operators import OPERATORS_OF, Operator, Typed, check_operator, read_value
from schemas.errors import InvalidValue
from tests.stack.servers import ClickHouse

pytestmark = pytest.mark.clickhouse

NEVER = "CAST(NULL, 'Nullable(DateTime64(6, \\'UTC\\'))')"
STEP = timedelta(microseconds=1)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOMENTS = (
    NOW,
    NOW + 3 * STEP,
    datetime(2028, 2, 28, 15, 59, 59, 999999, tzinfo=UTC),
    datetime(2028, 2, 29, 1, tzinfo=UTC),
    datetime(2027, 12, 31, 16, tzinfo=UTC),
)
ZONES = ("Asia/Shanghai", "America/New_York")
TIMES = (
    "2026-03-01T12:00:00Z", "2026-03-01T20:00:00.000001+08:00", "2026-02-28T23:30:00-05:30", "2026-03-31T12:00:00Z",
    "2026-02-28T12:00:00.000003Z", "1969-12-31T23:59:59.999999Z", "2024-02-29T00:00:00Z", "1985-03-02T07:00:00+08:00",
)  # fmt: skip
DAYS = ("2026-03-01", "2026-03-02", "2000-02-29", "1990-02-28", "1985-12-31", "2026-04-01", "1900-03-05")
TEXTS = (
    "",
    "red",
    "Red",
    "香水",
    "a\nb",
    'it\'s \\ "so"\t%s {v0:String}',
    "mall/a",
    "true",
    "null",
    "[",
    "10",
    "10.0",
    "-0",
)
NUMBERS = (
    0,
    1,
    -1,
    2,
    2.5,
    10,
    0.1,
    33.3333,
    19.99,
    1e-7,
    -2.5,
    2**53,
    2**53 + 1,
    6222021234567890123,
    1e22,
    2**64 - 1,
)
AMOUNTS = ("0", "0.01", "10", "10.00", "33.3333", "-5", "9999999999999.9999")
NUMERALS = (
    "007", "-12.50", "+5", "1e3", ".5", "5.", "0.1", "0.10000000000000000000000000001", "6222021234567890124",
    "8" * 60, "-" + "8" * 60, "33.3333", "\uff11\uff10",
)  # fmt: skip
SPELT = (
    "2026/3/2", "2026.3.1", "20260301", "2026年3月2日", "2000/2/29", "2001-02-29", "2026-13-01", "2026-00-10",
    "0000-01-01", "0001-01-01", "9999-12-31", "1890-03-02", "2026-3-2", "2026-03-01 ", "2026-02-30T00:00:00Z",
    "2026-03-01T12:00:00", "2026-03-01T12:00:00+24:00", "2026-03-01T12:00:00.1234567Z", "1850-06-01T00:00:00Z",
    "9998-06-01T00:00:00Z", "0001-01-02T00:00:00-08:00", "2026-03-01T12:00:60Z", "0000-01-01T00:00:00Z",
)  # fmt: skip
NESTED: tuple[Any, ...] = (
    [], {}, None, {"a": 1}, [None], [[], [None]], [1, "red"], [["red", [2.5, ["10"]]], {"a": ["red"]}], [True, "Red"],
    ["2026-03-01", "2000-02-29", None], ["[", "]", ["red,"]],
)  # fmt: skip
PLACES = ("mall", "mall/a", "mall/ab", "mall/a/7", "x")
SPANS = ("1s", "20h", "24h", "30d", "31d", "3652d")
PATTERNS = ("e", "^[a-z]+$", "[0-9]", "(?i)RED", "o+", "香.", "a.b", "^a|b$", "s|m", "^$", "\\d{2}", "\\.")


class Kind(NamedTuple):
    """One kind of thing: what is found, in JSON; how it becomes SQL, and what the oracle compares."""

    typed: Typed
    found: Sequence[Any]
    sql: str
    told: Callable[[Any], Any] = lambda value: value
    is_store: bool = False


def scalar(kind: str) -> str:
    """A value of the column `raw`, '' for none, as such a type."""
    return f"if(raw = 'null', NULL, JSONExtract(raw, 'Nullable({kind})'))"


def read(raw: str, to: str) -> str:
    """A JSON string of the column `raw` parsed, or null."""
    return f"if(raw = 'null', NULL, {to.format(f'JSONExtractString({raw})')})"


def of_time(value: Any) -> Any:
    """The oracle's instant."""
    return None if value is None else instant(value)


def of_money(value: Any) -> Any:
    """The oracle's amount."""
    return None if value is None else Decimal(value)


def of_store(value: Any) -> Any:
    """The oracle's place."""
    return None if value is None else StorePath(value)


MICROS = "parseDateTime64BestEffortOrNull({}, 6, 'UTC')"
LISTED = "JSONExtract(raw, 'Array(String)')"
KINDS = {
    "any": Kind(
        Typed("any"), (*TEXTS, *NUMBERS, *NUMERALS, *TIMES, *DAYS, *SPELT, *NESTED, True, False), spread("raw")
    ),
    "string": Kind(Typed("string"), (None, *TEXTS), scalar("String")),
    "store": Kind(Typed("string"), (None, *PLACES), scalar("String"), of_store, is_store=True),
    "strings": Kind(Typed("string", many=True), ([], [""], ["red"], ["red", "Red"], ["香水", "10"]), LISTED),
    "number": Kind(Typed("number"), (None, *(n for n in NUMBERS if float(n) == n)), scalar("Float64")),
    "integer": Kind(Typed("number"), (None, 0, 1, 2, 10, 2**53 + 1, 6222021234567890123), scalar("UInt64")),
    "numbers": Kind(Typed("number", many=True), ([], [1], [1, 2.5], [-1, 0.1]), "JSONExtract(raw, 'Array(Float64)')"),
    "money": Kind(Typed("money"), (None, *AMOUNTS), read("raw", "toDecimal128OrNull({}, 4)"), of_money),
    "bool": Kind(Typed("bool"), (None, True, False), scalar("Bool")),
    "time": Kind(Typed("time"), (None, *TIMES), read("raw", MICROS), of_time),
    "times": Kind(
        Typed("time", many=True), ([], TIMES[:1], TIMES[2:4], TIMES),
        f"arrayMap(x -> assumeNotNull({MICROS.format('x')}), {LISTED})", lambda v: [instant(x) for x in v],
    ),
    "date": Kind(Typed("date"), (None, *DAYS), read("raw", "toDate32({})")),
    "label": Kind(Typed("label"), (None, True, "true", "high", "it's"), "if(raw = 'null', NULL, raw)"),
    "object": Kind(Typed("object"), (None, {}, {"a": 1}), "raw != 'null'"),
}  # fmt: skip
VALUES = (*TEXTS[1:], *NUMBERS, *AMOUNTS, *NUMERALS, *TIMES, *DAYS, *SPANS, True, False, *PLACES, 1e60, 5e-324)
LISTS = (
    ["red", "10"], [10, "red", True], [0.1, 1, 2.5, 2**64 - 1, -1, 1e60], [False, 2],
    ["2026-03-01T12:00:00Z", "2024-02-29T00:00:00Z"],
    ["10", "0.01", "33.3333"], ["2026-03-01", "2000-02-29"], ["mall/a", "x"], [True, "high"],
)  # fmt: skip
PAIRS = ([0, 10], [0.1, 33.3333], ["0.01", "10"], [TIMES[2], TIMES[0]], ["1985-01-01", "2026-03-01"])


PARTIAL = ("contains", "starts_with", "matches")
PARTS = ("red", "e", "香", "a\nb", "it's \\ \"", "{v0:String}", "1", "mall/", "mall/a/", "mall/a", *PATTERNS)


class Case(NamedTuple):
    """An operator with the value as written and as read."""

    op: Operator
    raw: Any
    value: Any


def cases(typed: Typed) -> Iterator[Case]:
    """Every operator of the kind with all values that it takes."""
    for op in OPERATORS_OF[typed.kind]:
        for raw in PARTS if op in PARTIAL else (None, *VALUES, *LISTS, *PAIRS):
            with suppress(InvalidValue):
                check_operator(op, typed)
                yield Case(op, raw, read_value(op, raw, typed))


def parts(asked: list[Case], size: int = 140) -> list[list[Case]]:
    """As many as one statement holds."""
    return [asked[start : start + size] for start in range(0, len(asked), size)]


@pytest.fixture(scope="module")
def database(clickhouse_server: ClickHouse) -> Iterator[Database]:
    """A database for statements without tables of its own."""
    database = Database(clickhouse_server.fresh_database())
    yield database
    database.close()


def given(kind: Kind) -> dict[str, Given]:
    """What is found, a row each."""
    return {"found": Given("n UInt32, raw String", [(n, json.dumps(v)) for n, v in enumerate(kind.found)])}


def conditions(kind: Kind, asked: Sequence[Case], scope: Scope) -> list[Condition]:
    """What the compiler makes of them."""
    found = Found(kind.sql, kind.typed, is_store=kind.is_store)
    return [compare(found, case.op, case.value, scope) for case in asked]


def answers(database: Database, sql: Sequence[str], kind: Kind, scope: Scope, clock: Clock) -> list[Any]:
    """For each thing found the answers to all."""
    now = {"at": time_parameter(clock.moment), "zone": clock.zone}
    parameters = {**scope.parameters(clock.moment, clock.zone), **now}
    statement = f"SELECT tuple({', '.join(sql)}) FROM found ORDER BY n"
    return [row[0] for row in database.tuples(statement, parameters, given(kind))]


@pytest.mark.parametrize("name", KINDS)
def test_every_operator_holds_where_the_oracle_says(database: Database, name: str) -> None:
    """Of everything found, with every value the operator takes, and never as NULL."""
    kind = KINDS[name]
    timeless, timely = split(cases(kind.typed), is_timely)
    for number, moment in enumerate(MOMENTS):
        clock = Clock(moment, ZONES[number % 2])
        for asked in parts(timely if number else timeless + timely):
            scope = Scope()
            sql = [condition.holds for condition in conditions(kind, asked, scope)]
            for value, row in zip(kind.found, answers(database, sql, kind, scope, clock), strict=True):
                told = [satisfies(kind.told(value), case.op, case.raw, clock) for case in asked]
                assert not wrong(asked, row, told), (clock, value)


def is_timely(case: Case) -> bool:
    """Whether it may hold at one moment, or in one zone, and not in another."""
    first = case.value[0] if isinstance(case.value, tuple) else case.value
    return isinstance(first, date | timedelta)


def split(asked: Iterable[Case], test: Callable[[Case], bool]) -> tuple[list[Case], list[Case]]:
    """Those that fail the test, and those that pass it."""
    both = list(asked)
    return [case for case in both if not test(case)], [case for case in both if test(case)]


def wrong(asked: Sequence[Case], said: Sequence[Any], told: Sequence[Any]) -> list[Any]:
    """A few of those that differ."""
    return [found for found in zip(asked, said, told, strict=True) if found[1] != found[2]][:3]


MOVING = ("within_last", "within_next", "anniversary_within")
LATER = [timedelta(days=days) for days in (0.3, 1, 5, 31, 200, 4000)]


def moving(kind: Kind) -> list[Case]:
    """Those that time alone changes."""
    return [case for case in cases(kind.typed) if case.op in MOVING]


@pytest.mark.parametrize("name", ["time", "times", "date", "any"])
def test_nothing_changes_by_time_alone_before_the_edge(database: Database, name: str) -> None:
    """It is as at T until a microsecond before the edge, or for ever without one; a single time's changes there."""
    kind = KINDS[name]
    asked, scope = moving(kind), Scope()
    sql = [least(condition.edges or (NEVER,)) for condition in conditions(kind, asked, scope)]
    for number, moment in enumerate(MOMENTS):
        clock = Clock(moment, ZONES[number % 2])
        for value, row in zip(kind.found, answers(database, sql, kind, scope, clock), strict=True):
            for case, edge in zip(asked, row, strict=True):
                check_edge(kind, value, case, edge, clock)


def check_edge(kind: Kind, value: Any, case: Case, edge: datetime | None, clock: Clock) -> None:
    """The oracle sees no change before the edge; at that of a single time within a span it does."""

    def holds(at: datetime) -> bool:
        return satisfies(kind.told(value), case.op, case.raw, replace(clock, moment=at))

    before = holds(clock.moment)
    near = [clock.moment + later for later in LATER if edge is None or clock.moment + later < edge]
    assert all(holds(at) == before for at in near), (value, case, edge, clock)
    if edge is not None:
        assert edge > clock.moment
        assert holds(edge - STEP) == before, (value, case, edge, clock)
        assert kind.typed != Typed("time") or case.value > timedelta(days=360) or holds(edge) != before, (
            value,
            case,
            edge,
            clock,
        )
