"""How far an import is: written after each acknowledged chunk, in order, so that a killed import goes on from there."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from pathlib import Path

from deploy import files
from schemas.positions import encode


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of a file so far; `row` is the last row of which everything is known."""

    row: int = 0
    rows: int = 0
    skipped: int = 0
    rejected: int = 0
    """Rows of which something was refused."""
    accepted: int = 0
    """Events."""
    refused: int = 0
    """Events that ingest refused; they are dead letters, too."""
    rejects_size: int = 0
    position: str = field(default_factory=lambda: encode({}))
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The file that keeps a standing."""

    path: Path
    file: str
    """What was imported, for whoever looks."""

    def read(self) -> Standing:
        """The standing kept; the beginning when there is none."""
        known = files.read(self.path)
        known.pop("file", None)
        return Standing(**known)

    def write(self, standing: Standing) -> None:
        """Keep a standing."""
        files.write(self.path, {"file": self.file, **asdict(standing)})

    def forget(self) -> None:
        """Begin anew."""
        self.path.unlink(missing_ok=True)


def checkpoint(directory: Path, file: Path, *identity: str) -> Checkpoint:
    """The checkpoint of a file under everything that makes its import another one."""
    digest = hashlib.blake2b("\0".join(identity).encode(), digest_size=12).hexdigest()
    return Checkpoint(directory / "imports" / f"{digest}.json", file.name)
