"""No definition, however made, has the server read anything but its tables, or run anything but its statement."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.oracle.model import Json
from projections.compiler import Program, compile_library
from projections.database import READ_LIMITS, Database, names
from projections.evaluating import KEPT, own_keys
from projections.moments import AsOf
from schemas.definitions import Definition, InvalidDefinition, parse
from tests.property.recording import TERMS
from tests.stack.servers import ClickHouse
from tests.strategies.definitions import nodes
from tests.strategies.histories import NOW, histories

pytestmark = pytest.mark.clickhouse

MARK = "zqx"
HOSTILE = (
    f"{MARK}'; DROP TABLE events; --", f"{MARK}' OR 1=1 --", f"{MARK}\\' UNION ALL SELECT * FROM system.tables --",
    f"{MARK}{{at:String}}", f"{MARK}{{{{fold}}}}", f'{MARK}`"\\', f"{MARK}\n/*", f"{MARK}%s{{0}}$1", f"{MARK}客户🦉",
)  # fmt: skip
TABLES = {"profiles", "events", "keys", "names", "excluded", "assignments"}
_FREE = ("value", "salt", "trait")
EXPLAIN = "SELECT explain FROM (EXPLAIN AST {sql})"
_TABLE = re.compile(r"TableIdentifier (\S+)")
_FUNCTION = re.compile(r"Function (\w+)")
FUNCTIONS = {"file", "url", "s3", "remote", "remoteSecure", "executable", "merge", "numbers", "sleep", "getSetting"}


@pytest.fixture(scope="module")
def database(clickhouse_server: ClickHouse) -> Iterator[Database]:
    """A database in which nothing is."""
    database = Database(clickhouse_server.fresh_database())
    yield database
    database.close()


@pytest.fixture(scope="module")
def reading(clickhouse_server: ClickHouse) -> Iterator[Database]:
    """As the API has it."""
    database = Database(clickhouse_server.fresh_database(), readonly=True)
    yield database
    database.close()


def poisoned(part: Any, poison: Iterator[str]) -> Any:
    """The same definition with hostile texts wherever its author is free to write one."""
    if isinstance(part, list):
        return [poisoned(each, poison) for each in part]
    if not isinstance(part, dict):
        return part
    return {name: _poison(name, value, poison) for name, value in part.items()}


def _poison(name: str, value: Any, poison: Iterator[str]) -> Any:
    if name in _FREE and isinstance(value, str):
        return next(poison)
    if name in ("field", "distinct", "sum", "same") and isinstance(value, str) and value.startswith("data."):
        return "data." + next(poison).replace(".", "")
    if name == "value" and isinstance(value, list) and all(isinstance(each, str) for each in value):
        return [next(poison) for _ in value]
    return poisoned(value, poison)


def texts(chance: Any) -> Iterator[str]:
    while True:
        yield chance.choice(HOSTILE)


def compiled(node: Json) -> tuple[Definition, Program] | None:
    """None when it is refused at the door."""
    try:
        definition = parse({"kind": "segment", "key": "drawn", "where": node})
    except InvalidDefinition:
        return None
    return definition, compile_library([definition])


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data(), chance=st.randoms(use_true_random=False))
def test_what_a_definition_says_never_becomes_sql(
    database: Database, reading: Database, data: st.DataObject, chance: Any
) -> None:
    """None of its texts is in the statement; that reads its own tables alone, and runs."""
    log = data.draw(histories(most=4))
    made = compiled(poisoned(data.draw(nodes(log)), texts(chance)))
    if made is None:
        return
    _, program = made
    sql = program.select(KEPT)
    assert MARK not in sql
    tables = {**own_keys({"member_id:M1": ["member_id:M1"]}).tables(), **names(["member_id:M1"])}
    parameters = program.parameters(AsOf(NOW, kept=True), TERMS, None)
    assert reading.tuples(sql, parameters, tables) == []
    tree = "\n".join(row[0] for row in database.tuples(EXPLAIN.replace("{sql}", sql), parameters, tables))
    read = set(_TABLE.findall(tree))
    assert "profiles" in read
    assert read <= TABLES
    assert not FUNCTIONS & set(_FUNCTION.findall(tree))


def test_a_question_has_limits(reading: Database) -> None:
    """Of time, memory and rows: the server holds the API's questions to them."""
    asked = ", ".join(f"getSetting('{name}')" for name in READ_LIMITS)
    [found] = reading.tuples(f"SELECT {asked}")
    assert list(map(int, found)) == list(READ_LIMITS.values())
