"""What a rebuild exchanges is all that belongs together, and comparing counts what differs."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from projections.database import Database
from projections.rebuilding.beside import Beside
from projections.rebuilding.catalogue import CATALOGUE, FACTS, OF_FACTS, projection, tables
from projections.rebuilding.comparing import PROFILES, compare
from schemas.errors import CdpError
from tests.stack.servers import ClickHouse

_VIEWS = """
SELECT as_select, create_table_query FROM system.tables
WHERE database = currentDatabase() AND engine = 'MaterializedView'
"""


@pytest.fixture(scope="module")
def beside(clickhouse_server: ClickHouse) -> Beside:
    """A live database, and where the next one is to be."""
    return Beside(clickhouse_server.fresh_database())


@pytest.fixture(scope="module")
def database(beside: Beside) -> Iterator[Database]:
    """The live one, with an empty one beside it."""
    database = Database(beside.live)
    beside.make(database)
    yield database
    beside.drop(database)
    database.close()


def test_what_there_is_not_is_told_with_what_there_is() -> None:
    """Each by name and meaning."""
    with pytest.raises(CdpError, match=r"no projection 'x'.*profiles: .*dead-letters: "):
        projection("x")


@pytest.mark.clickhouse
def test_views_over_what_is_exchanged_fill_what_is_exchanged(database: Database) -> None:
    """A table that a view fills from exchanged rows is exchanged with them; a new view is added to the catalogue."""
    written = {name for each in CATALOGUE.values() for name in tables(each, from_log=True).written}
    derived = {name for each in CATALOGUE.values() for name in tables(each, from_log=True).derived}
    filled = set()
    for select, create in database.tuples(_VIEWS):
        source = re.findall(r"FROM \w+\.(\w+)", select)
        target = re.search(r" TO \w+\.(\w+)", create)
        assert target
        if written & set(source):
            filled.add(target[1])
    assert filled == derived
    assert set(FACTS) <= written
    assert set(OF_FACTS) <= derived


@pytest.mark.clickhouse
def test_differences_are_counted_by_row_and_column(database: Database, beside: Beside) -> None:
    """Gone, new and changed; versions do not count, nor does the order in a map."""
    rows = "INSERT INTO {table} (root, person_id, version, present, orders_count, type_counts) VALUES"
    database.execute(
        rows.replace("{table}", "profiles")
        + " ('a', '1', 1, 1, 5, {'x': 1, 'y': 2}), ('b', '2', 1, 1, 5, {}), ('c', '3', 1, 1, 5, {})"
    )
    database.execute(
        rows.replace("{table}", f"{beside.next.database}.profiles")
        + " ('a', '1', 9, 1, 5, {'y': 2, 'x': 1}), ('b', '2', 1, 1, 6, {}), ('d', '4', 1, 1, 5, {})"
    )
    found = compare(database, beside, PROFILES, lambda _: None)
    assert (found.before, found.after, found.only_before, found.only_after, found.changed) == (3, 3, 1, 1, 1)
    assert found.by_column == {"orders_count": 1}
    assert sorted(found.samples) == ["2", "3", "4"]
