"""Which files of a data directory a backup holds, and in which order they are looked at.

What a stage writes last is looked at first: so whatever the backup says was done, it has all of. What it does not say
was done is done again from the log, as after a crash; every write is made for that.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from projections.database import Database

# Indexes and snapshots of producers are made anew from the segments; so is what says how far these were flushed.
_SEGMENTS = ("*.log", "leader-epoch-checkpoint", "partition.metadata", "*.checkpoint", "quorum-state")
_OF_BROKER = ("meta.properties", "bootstrap.checkpoint", "log-start-offset-checkpoint")
_OFFSETS = "__consumer_offsets-"
KEPT = ("keys.json", "platform.json", "run/ports.json")

# The ledger; what says that something was weighed or held, before what it was said of; journals and claims last.
LEDGER = ("consumed", "heads", "pass_steps")
_EARLY = ("weighed", "refusals", "memberships", "members", "identities")
_LATE = ("resolutions", "flips", "changes", "profiles", "retractions", "events", "claims")
_TABLES = """
SELECT name, toString(uuid), engine LIKE '%MergeTree' AS has_parts FROM system.tables
WHERE database = {name:String} AND NOT is_temporary
"""


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it is now: only its first `size` bytes count. `path` is relative to the data directory."""

    path: str
    file: Path
    size: int
    grows: bool = False
    """It is only ever appended to."""


def kept_files(directory: Path) -> list[Source]:
    """Keys, and what was fixed when the directory was made."""
    return [_source(directory, directory / name) for name in KEPT if (directory / name).exists()]


def group_offsets(directory: Path) -> list[Source]:
    """How far the group has come."""
    return _segments(directory, sorted((directory / "kafka" / "logs").glob(f"{_OFFSETS}*")))


def topic_files(directory: Path, topic: str) -> list[Source]:
    """The segments of a topic as long as they are now."""
    return _segments(directory, sorted((directory / "kafka" / "logs").glob(f"{topic}-[0-9]*")))


def other_topics(directory: Path, done: Sequence[str]) -> list[Source]:
    """All other topics, the broker's own included, and what the broker is."""
    logs = directory / "kafka" / "logs"
    others = [
        path
        for path in sorted(logs.iterdir())
        if path.is_dir() and not path.name.startswith(_OFFSETS) and path.name.rpartition("-")[0] not in done
    ]
    own = [_source(directory, logs / name) for name in _OF_BROKER if (logs / name).exists()]
    return [*own, *_segments(directory, others)]


def _segments(directory: Path, partitions: Sequence[Path]) -> list[Source]:
    """A segment that is deleted while we look was older than its topic keeps anything."""
    found = []
    for partition in partitions:
        if partition.name.endswith(("-delete", "-stray")):
            continue
        for pattern in _SEGMENTS:
            for path in sorted(partition.glob(pattern)):
                try:
                    found.append(_source(directory, path, grows=path.suffix == ".log"))
                except FileNotFoundError:
                    continue
    return found


def _source(directory: Path, path: Path, *, grows: bool = False) -> Source:
    return Source(path.relative_to(directory).as_posix(), path, path.stat().st_size, grows)


@dataclass(frozen=True, slots=True)
class Frozen:
    """The tables of ClickHouse, each as of a moment: hard links to their parts, which never change."""

    database: Database
    directory: Path
    name: str
    """Of the database."""
    label: str

    @property
    def _data(self) -> Path:
        return self.directory / "clickhouse" / "data"

    @property
    def _shadow(self) -> Path:
        return self._data / "shadow" / self.label

    def freeze(self, tables: Sequence[str]) -> None:
        """Freeze some, one after the other."""
        for table in tables:
            self.database.execute(f"ALTER TABLE `{table}` FREEZE WITH NAME '{self.label}'")

    def order(self) -> list[str]:
        """All tables, in the order they are to be frozen after the ledger."""
        names = [name for name, _, has_parts in self._tables() if has_parts]
        late = [name for name in _LATE if name in names]
        early = [name for name in _EARLY if name in names]
        return [*early, *(name for name in sorted(names) if name not in {*LEDGER, *early, *late}), *late]

    def sources(self) -> list[Source]:
        """Their files: parts as they were frozen, and what the tables are."""
        store = self._data / "store"
        uuids = [uuid for _, uuid, has_parts in self._tables() if has_parts]
        own = [self._data / "metadata" / f"{self.name}.sql"]
        own += sorted(self._metadata.glob("*.sql"))
        own += [store / uuid[:3] / uuid / "format_version.txt" for uuid in uuids]
        parts = [path for path in sorted(self._shadow.rglob("*")) if path.is_file()]
        there = [_source(self.directory, path) for path in own]
        return there + [
            Source(
                (self._data / path.relative_to(self._shadow)).relative_to(self.directory).as_posix(),
                path,
                path.stat().st_size,
            )
            for path in parts
        ]

    @property
    def _metadata(self) -> Path:
        return (self._data / "metadata" / self.name).resolve()

    def _tables(self) -> list[tuple[str, str, bool]]:
        rows = self.database.tuples(_TABLES, {"name": self.name})
        return [(name, uuid, bool(has_parts)) for name, uuid, has_parts in rows]


@contextmanager
def frozen(database: Database, directory: Path, name: str, label: str) -> Iterator[Frozen]:
    """Tables frozen under a label; the links go when the block ends."""
    found = Frozen(database, directory, name, label)
    try:
        yield found
    finally:
        shutil.rmtree(found._shadow, ignore_errors=True)  # noqa: SLF001 -- its own


def is_part(source: Source) -> bool:
    """Whether it is a file of a part: those of a part never change."""
    return source.path.startswith("clickhouse/data/store/") and source.path.count("/") >= 6
