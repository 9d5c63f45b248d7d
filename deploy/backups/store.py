"""Where backups lie: pieces of files, each once under its checksum, and a manifest a backup that names them.

DIR/pieces/ab/abcd…     at most 8 MiB of some file, named by its SHA-256
DIR/backups/ID.json     which files there are, of which pieces; written last, so what is there is whole
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from deploy import files
from deploy.errors import CannotStart

PIECE = 8 * 2**20
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: where it belongs below the data directory, how long it is, and its pieces in order."""

    path: str
    size: int
    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """One backup."""

    backup_id: str
    about: Mapping[str, Any]
    entries: Sequence[Entry]
    by_path: Mapping[str, Entry] = field(init=False)

    def __post_init__(self) -> None:
        """By path."""
        object.__setattr__(self, "by_path", {each.path: each for each in self.entries})


class Damaged(CannotStart):
    """A backup is not what it was when it was written."""


@dataclass(frozen=True, slots=True)
class Store:
    """The directory of backups."""

    directory: Path

    def ids(self) -> list[str]:
        """The backups there are, the oldest first."""
        return sorted(path.stem for path in self._manifests.glob("*.json"))

    def write(self, manifest: Manifest) -> None:
        """Say that a backup is whole."""
        said = {"about": dict(manifest.about), "files": [asdict(each) for each in manifest.entries]}
        checked = {"format": FORMAT, "checksum": _checksum(said), **said}
        files.write(self._manifests / f"{manifest.backup_id}.json", checked, 0o600)

    def read(self, backup_id: str) -> Manifest:
        """A backup. Raises CannotStart for one that is not there, Damaged for one whose manifest changed."""
        path = self._manifests / f"{backup_id}.json"
        if not path.exists():
            known = ", ".join(self.ids()) or "none"
            raise CannotStart(f"{self.directory} has no backup {backup_id}; it has {known}.")
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            said = {name: found[name] for name in ("about", "files")}
            is_whole = found["checksum"] == _checksum(said)
        except (ValueError, KeyError, TypeError):
            is_whole, found, said = False, {}, {}
        if not is_whole:
            raise Damaged(f"The manifest {path} is damaged: it is not what was written. Restore another backup.")
        if found["format"] != FORMAT:
            raise CannotStart(f"{path} has format {found['format']}; this version of cdp reads {FORMAT}.")
        entries = [Entry(each["path"], each["size"], tuple(each["pieces"])) for each in said["files"]]
        return Manifest(backup_id, said["about"], entries)

    def put(self, path: str, source: BinaryIO, size: int, known: Entry | None = None) -> tuple[Entry, int]:
        """Keep the first `size` bytes of a file; gives its entry, and how many bytes were new.

        `known`: the file as it was, if it only ever grows: what was kept of it in whole pieces is not read again.
        """
        kept = known.pieces[: known.size // PIECE] if known and known.size <= size else ()
        if kept and not self._is_last(source, kept):
            kept = ()
        pieces, new = list(kept), 0
        source.seek(len(kept) * PIECE)
        for start in range(len(kept) * PIECE, size, PIECE):
            data = source.read(min(PIECE, size - start))
            if not data:
                break
            name = sha256(data).hexdigest()
            pieces.append(name)
            new += self._keep(name, data)
        return Entry(path, size, tuple(pieces)), new

    def has(self, entry: Entry) -> bool:
        """Whether all pieces of a file are there."""
        return all(self._piece(name).exists() for name in entry.pieces)

    def pieces(self, entry: Entry) -> Iterator[bytes]:
        """A file, piece by piece. Raises Damaged when one is missing or is not what was written."""
        size = 0
        for name in entry.pieces:
            path = self._piece(name)
            try:
                data = path.read_bytes()
            except FileNotFoundError:
                raise Damaged(f"The backup is damaged: {path} is missing. Restore another backup.") from None
            if sha256(data).hexdigest() != name:
                raise Damaged(f"The backup is damaged: {path} is not what was written. Restore another backup.")
            size += len(data)
            yield data
        if size != entry.size:
            raise Damaged(f"The backup is damaged: {entry.path} has {size} bytes, not {entry.size}.")

    @property
    def _manifests(self) -> Path:
        return self.directory / "backups"

    def _piece(self, name: str) -> Path:
        return self.directory / "pieces" / name[:2] / name

    def _is_last(self, source: BinaryIO, kept: Sequence[str]) -> bool:
        source.seek((len(kept) - 1) * PIECE)
        return sha256(source.read(PIECE)).hexdigest() == kept[-1]

    def _keep(self, name: str, data: bytes) -> int:
        path = self._piece(name)
        if path.exists():
            return 0
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f"{name}.new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        return len(data)


def _checksum(said: Mapping[str, Any]) -> str:
    return sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
