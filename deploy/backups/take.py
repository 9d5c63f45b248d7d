"""Taking a backup of a platform that runs, or stands still."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from deploy.backups.sources import LEDGER, Source, frozen, group_offsets, is_part, kept_files, other_topics, topic_files
from deploy.backups.store import Entry, Manifest, Store
from deploy.errors import CannotStart
from projections.database import Address, Database

Advance = Callable[[int, int], None]
"""Is told bytes that are done, and bytes in all."""
_FORWARDING = "SELECT count() FROM system.tables WHERE database = {name:String} AND startsWith(name, 'forward_')"
_CHECKSUMS = "checksums.txt"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of it."""

    manifest: Manifest
    total: int
    new: int


def take(store: Store, directory: Path, clickhouse: Address, changes: str, now: datetime, advance: Advance) -> Taken:
    """Back up a running platform. Raises CannotStart while a rebuild exchanges tables."""
    backup_id = f"{now:%Y%m%dT%H%M%SZ}"
    database = Database(clickhouse)
    with closing(database), frozen(database, directory, clickhouse.database, f"backup_{backup_id}") as tables:
        if database.tuples(_FORWARDING, {"name": clickhouse.database})[0][0]:
            raise CannotStart("A rebuild is exchanging tables. Let it finish, then back up.")
        before = _last(store)
        # Copied at once, and first: what the group has not acknowledged by now is done again after a restore.
        copied = _Copy(store, before)
        copied.all([*kept_files(directory), *group_offsets(directory)], lambda _: None)
        tables.freeze(LEDGER)
        said = topic_files(directory, changes)  # each message of them is in the table, which is frozen later
        tables.freeze(tables.order())
        waiting = [*said, *tables.sources(), *other_topics(directory, [changes])]
        total = sum(each.size for each in waiting)
        copied.all(waiting, lambda done: advance(done, total))
    manifest = Manifest(backup_id, {"taken_at": now.isoformat(), "cdp": version("cdp")}, copied.entries)
    store.write(manifest)
    return Taken(manifest, sum(each.size for each in copied.entries), copied.new)


def _last(store: Store) -> Manifest | None:
    ids = store.ids()
    return store.read(ids[-1]) if ids else None


class _Copy:
    """Files into the store; what the backup before has already is not read again."""

    def __init__(self, store: Store, before: Manifest | None) -> None:
        self.entries: list[Entry] = []
        self.new = 0
        self._store = store
        self._before = before.by_path if before else {}
        self._same_parts: dict[str, bool] = {}

    def all(self, sources: Sequence[Source], tell: Callable[[int], None]) -> None:
        """Copy them in their order."""
        done = 0
        for source in sources:
            self._one(source)
            done += source.size
            tell(done)

    def _one(self, source: Source) -> None:
        known = self._before.get(source.path)
        if known and is_part(source) and self._is_same_part(source) and self._store.has(known):
            self.entries.append(known)
            return
        with source.file.open("rb") as file:
            entry, new = self._store.put(source.path, file, source.size, known if source.grows else None)
        self.entries.append(entry)
        self.new += new

    def _is_same_part(self, source: Source) -> bool:
        """A part has the checksums of all its files beside them: where these are the same, so is the part."""
        folder = source.path.rpartition("/")[0]
        if folder not in self._same_parts:
            known, checksums = self._before.get(f"{folder}/{_CHECKSUMS}"), source.file.parent / _CHECKSUMS
            if known is None or not checksums.exists():
                self._same_parts[folder] = False
            else:
                with checksums.open("rb") as file:
                    entry, _ = self._store.put(known.path, file, checksums.stat().st_size)
                self._same_parts[folder] = entry.pieces == known.pieces
        return self._same_parts[folder]
