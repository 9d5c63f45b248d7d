"""Applies the numbered `.sql` files of `migrations/`, each once, and refuses to go on when an applied one has changed.

There are no down-migrations: what a projection holds is computed from the log and can be rebuilt.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files

from projections.database import Address, Database
from schemas.errors import CdpError

_LEDGER = """
CREATE TABLE IF NOT EXISTS migrations
(
    name       String,
    checksum   String,
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree
ORDER BY name
"""


class MigrationChanged(CdpError):
    """A migration that was applied here has another text now."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One frozen file."""

    name: str
    text: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def statements(self) -> list[str]:
        """Its statements, comments taken out (a `--` inside a string literal is not allowed in these files)."""
        bare = "\n".join(line.split("--", 1)[0].rstrip() for line in self.text.splitlines())
        return [part.strip() for part in bare.split(";") if part.strip()]


def all_migrations() -> list[Migration]:
    """Every migration, oldest first."""
    folder = files("projections") / "migrations"
    found = (entry for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return sorted((Migration(e.name, e.read_text(encoding="utf-8")) for e in found), key=lambda m: m.name)


def migrate(address: Address) -> list[str]:
    """Make the database and bring it to the newest schema. Returns the names applied now."""
    server = Database(Address(address.url, "default", address.user, address.password))
    server.execute(f"CREATE DATABASE IF NOT EXISTS {address.database} ENGINE = Atomic")
    server.close()
    database = Database(address)
    database.execute(_LEDGER)
    applied = {row["name"]: row["checksum"] for row in database.rows("SELECT name, checksum FROM migrations FINAL")}
    done = [_apply(database, migration) for migration in all_migrations() if _pending(migration, applied)]
    database.close()
    return done


def _pending(migration: Migration, applied: dict[str, str]) -> bool:
    known = applied.get(migration.name)
    if known is not None and known != migration.checksum:
        message = f"{migration.name} was applied with another text; migrations are frozen: add a new one instead"
        raise MigrationChanged(message)
    return known is None


def _apply(database: Database, migration: Migration) -> str:
    """Run it; a crash in the middle is repaired by running it again, so every statement is made repeatable."""
    for statement in migration.statements:
        repeatable = statement.replace("CREATE TABLE ", "CREATE TABLE IF NOT EXISTS ", 1).replace(
            "CREATE MATERIALIZED VIEW ", "CREATE MATERIALIZED VIEW IF NOT EXISTS ", 1
        )
        database.execute(repeatable)
    database.insert("migrations", {"name": [migration.name], "checksum": [migration.checksum]})
    return migration.name
