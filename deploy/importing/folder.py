"""A drop folder: which files in it are complete, what becomes of each, and where it is moved.

One watcher works at a time, by a lock that ends with its process; others stand by. A file is moved only when all is
known of it: after a crash it still lies there, and its checkpoint says how far it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from deploy.importing.importing import Outcome
from schemas.errors import BadFile
from schemas.mapping import Mapping

LOCK = ".cdp-watch.lock"
MARKER = ".done"
REJECTS = ".rejects.csv"
REASON = ".reason.txt"
_UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart", ".lock", MARKER, REJECTS, REASON)

_Print = tuple[int, int]
"""Size and time of change."""


@dataclass(slots=True)
class Folder:
    """A folder into which others put files."""

    path: Path
    mappings: Sequence[Mapping]
    settle: float
    """Seconds for which a file must not have changed, unless a marker `NAME.done` says that it is complete."""
    _seen: dict[Path, tuple[_Print, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for mapping in self.mappings:
            if not mapping.files:
                raise BadFile(f"The mapping {mapping.name} has no `files`: it says which names of files it is for.")

    def complete(self, now: float) -> tuple[list[Path], bool]:
        """The files that are complete, the oldest first; and whether others may become so. `now` is monotonic."""
        ready, waiting = [], False
        current = dict(self._files())
        for path, shape in current.items():
            if self._seen.get(path, (None, now))[0] != shape:
                self._seen[path] = (shape, now)
            if now - self._seen[path][1] >= self.settle or marker(path).exists():
                ready.append(path)
            else:
                waiting = True
        self._seen = {path: seen for path, seen in self._seen.items() if path in current}
        return sorted(ready, key=lambda path: (current[path][1], path.name)), waiting

    def mapping_of(self, path: Path) -> Mapping | None:
        """The first mapping that is for files of this name."""
        return next((each for each in self.mappings if any(fnmatchcase(path.name, said) for said in each.files)), None)

    def put_away(self, path: Path, outcome: Outcome) -> Path:
        """Move a file and its rejects to done; to failed when nothing in it could be imported."""
        standing = outcome.standing
        nothing = standing.rejected > 0 and standing.rejected + standing.skipped >= standing.rows
        return self._move(path, "failed" if nothing else "done")

    def give_up(self, path: Path, reason: str) -> Path:
        """Move a file that cannot be imported at all to failed, with the reason beside it."""
        moved = self._move(path, "failed")
        moved.with_name(moved.name + REASON).write_text(reason + "\n", encoding="utf-8")
        return moved

    def _move(self, path: Path, where: str) -> Path:
        """The file itself last: as long as it lies here, all of this is done again."""
        target = _free(self.path / where / path.name)
        target.parent.mkdir(exist_ok=True)
        rejects = rejects_of(path)
        if rejects.exists():
            rejects.rename(target.with_name(target.name + REJECTS))
        path.rename(target)
        marker(path).unlink(missing_ok=True)
        self._seen.pop(path, None)
        return target

    def _files(self) -> Iterator[tuple[Path, _Print]]:
        for path in self.path.iterdir():
            if path.name.startswith((".", "~$")) or path.name.endswith(_UNFINISHED):
                continue
            try:
                status = path.stat()
            except FileNotFoundError:
                continue
            if path.is_file():
                yield path, (status.st_size, status.st_mtime_ns)


def marker(path: Path) -> Path:
    """The file by which whoever puts a file here says that it is complete."""
    return path.with_name(path.name + MARKER)


def rejects_of(path: Path) -> Path:
    """Where a file's rejects go while it is imported."""
    return path.with_name(path.name + REJECTS)


def _free(target: Path) -> Path:
    """The same name, or the first with a number that is free: a file may come every day under one name."""
    number, fresh = 1, target
    while fresh.exists():
        number += 1
        fresh = target.with_name(f"{target.stem}-{number}{target.suffix}")
    return fresh
