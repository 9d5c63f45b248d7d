"""Tables beside the live ones, in a database of their own: made, followed, exchanged, dropped.

Views follow names, not tables: after an exchange each database's views go on over the tables that are there by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from projections.database import Address, Database
from projections.migrations import migrate
from projections.rebuilding.catalogue import CATALOGUE, tables

_IS_THERE = "SELECT count() > 0 FROM system.databases WHERE name = {name:String}"
_COLUMNS = """
SELECT table, name, type FROM system.columns
WHERE database = {name:String} AND table IN {tables:Array(String)} ORDER BY table, position
"""
_UUIDS = """
SELECT name, toString(uuid) FROM system.tables WHERE database = {name:String} AND name IN {tables:Array(String)}
"""
_BYTES = "SELECT sum(total_bytes) FROM system.tables WHERE database = {name:String} AND name IN {tables:Array(String)}"
_FORWARD = """
CREATE MATERIALIZED VIEW IF NOT EXISTS {live}.forward_{table} TO {next}.{table} AS SELECT * FROM {live}.{table}
"""
_CONTROLS = """
INSERT INTO {next}.controls
SELECT * FROM {live}.controls WHERE version > (SELECT max(version) FROM {next}.controls)
"""
_UNFORWARD = "DROP VIEW IF EXISTS {live}.forward_{table} SYNC"
_EXCHANGE = "EXCHANGE TABLES {live}.{table} AND {next}.{table}"
_DROP = "DROP DATABASE IF EXISTS {next} SYNC"


@dataclass(frozen=True, slots=True)
class Beside:
    """The live database and the next one."""

    live: Address

    @property
    def next(self) -> Address:
        """The database beside the live one."""
        return replace(self.live, database=f"{self.live.database}_next")

    def is_there(self, database: Database) -> bool:
        """Whether there is a next one."""
        return bool(database.tuples(_IS_THERE, {"name": self.next.database})[0][0])

    def make(self, database: Database) -> None:
        """A next one with the newest schema, and nothing in it."""
        self.drop(database)
        migrate(self.next)

    def drop(self, database: Database) -> None:
        """Drop the next one, and what leads there."""
        for each in CATALOGUE.values():
            self.unforward(database, tables(each, from_log=True).written)
        database.execute(self._named(_DROP))

    def fits(self, database: Database, names: Sequence[str]) -> bool:
        """Whether both have the same columns still."""
        mine, other = (
            database.tuples(_COLUMNS, {"name": each.database, "tables": list(names)}) for each in (self.live, self.next)
        )
        return mine == other

    def bytes_kept(self, database: Database, names: Sequence[str]) -> int:
        """How much disk the tables beside take."""
        return int(database.tuples(_BYTES, {"name": self.next.database, "tables": list(names)})[0][0] or 0)

    def copy_controls(self, database: Database) -> None:
        """What operators said since holds for the tables beside, too; `database` is the next one."""
        database.execute(self._named(_CONTROLS))

    def forward(self, database: Database, names: Iterable[str]) -> None:
        """From now on, what is written to the live tables is written to those beside, too."""
        for name in names:
            database.execute(self._named(_FORWARD, name))

    def unforward(self, database: Database, names: Iterable[str]) -> None:
        """No longer."""
        for name in names:
            database.execute(self._named(_UNFORWARD, name))

    def uuids(self, database: Database, names: Sequence[str]) -> dict[str, str]:
        """Which tables are live by these names."""
        return dict(database.tuples(_UUIDS, {"name": self.live.database, "tables": list(names)}))

    def exchange(self, database: Database, names: Sequence[str], before: Mapping[str, str]) -> None:
        """Exchange each table that is live since before; so it may be done again after a crash in between."""
        now = self.uuids(database, names)
        for name in names:
            if now[name] == before[name]:
                database.execute(self._named(_EXCHANGE, name))

    def _named(self, sql: str, table: str = "") -> str:
        """Names are the settings' database and the catalogue's tables: never input."""
        named = sql.replace("{live}", self.live.database).replace("{next}", self.next.database)
        return named.replace("{table}", table).strip()
