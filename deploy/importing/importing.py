"""Imports one file: opens it, goes on where an earlier run was ended, sends it, keeps each row's fate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import dropwhile
from pathlib import Path
from zoneinfo import ZoneInfo

from deploy.embedded.lock import AlreadyInUse, DirectoryLock
from deploy.importing.checkpoint import Checkpoint, Standing, checkpoint
from deploy.importing.rejects import RejectsFile
from deploy.importing.sending import Settled, send_all
from deploy.loading.client import Client
from ingest.files.chunks import cut
from ingest.files.opening import look, open_table
from ingest.files.tables import Table
from ingest.files.translating import Translator, compile_mapping
from schemas.errors import BadFile
from schemas.mapping import Mapping
from schemas.positions import encode, merge

OnProgress = Callable[[int, int, Standing], None]
"""Told after each chunk: how much of how much is read, and how it stands."""


@dataclass(frozen=True, slots=True)
class Job:
    """One file to import."""

    file: Path
    mapping: Mapping
    source: str
    url: str
    data_dir: Path
    """Where checkpoints are kept."""
    time_zone: str
    """Of times without offset, unless the mapping says another."""
    rejects: Path
    again: bool = False
    """Send it even when it was imported before; what is there already changes nothing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an import ended; `before`: an earlier run had finished it, and nothing was sent."""

    standing: Standing
    rejects: Path
    before: bool = False


async def import_file(ingest: Client, job: Job, on_progress: OnProgress) -> Outcome:
    """Import a file, or what is left of it. Raises BadFile, CannotReach."""
    content = look(job.file, job.mapping)
    kept = checkpoint(
        job.data_dir, job.file, content.digest, job.mapping.model_dump_json(), job.source, job.url, job.time_zone
    )
    lock = DirectoryLock(kept.path.parent, f"{kept.path.stem}.lock")
    try:
        lock.acquire()
    except AlreadyInUse:
        raise BadFile(f"{job.file.name} is being imported by another process.") from None
    try:
        if job.again:
            kept.forget()
        standing = kept.read()
        if standing.finished:
            return Outcome(standing, job.rejects, before=True)
        table = open_table(content, job.mapping)
        try:
            zone = ZoneInfo(job.mapping.time_zone or job.time_zone)
            translator = compile_mapping(job.mapping, table.columns, job.file.name, content.digest, zone)
            run = _Run(job, table, translator, kept, standing, on_progress)
            return Outcome(await run.send(ingest), job.rejects)
        finally:
            table.close()
    finally:
        lock.release()


@dataclass(slots=True)
class _Run:
    job: Job
    table: Table
    translator: Translator
    kept: Checkpoint
    standing: Standing
    on_progress: OnProgress

    async def send(self, ingest: Client) -> Standing:
        standing = self.standing
        rejects = RejectsFile(self.job.rejects, self.table.columns, self.translator.column, standing.rejects_size)
        left = dropwhile(lambda line: line.number <= standing.row, self.table.rows)
        with rejects:
            chunks = cut(left, self.translator, self.table.done)
            await send_all(ingest, chunks, lambda settled: self._settle(settled, rejects))
        self.standing = replace(self.standing, finished=True)
        self.kept.write(self.standing)
        return self.standing

    def _settle(self, settled: Settled, rejects: RejectsFile) -> None:
        rejected: set[int] = set()
        for group, why in settled.refused():
            rejects.add(group.lines, why)
            rejected.update(line.number for line in group.lines)
        self.standing = _after(self.standing, settled, len(rejected), rejects.flush())
        self.kept.write(self.standing)
        self.on_progress(settled.chunk.done, self.table.size, self.standing)


def _after(before: Standing, settled: Settled, rejected: int, rejects_size: int) -> Standing:
    chunk = settled.chunk
    position = encode(merge([before.position, settled.position])) if settled.position else before.position
    return Standing(
        row=chunk.last,
        rows=before.rows + chunk.rows,
        skipped=before.skipped + chunk.skipped,
        rejected=before.rejected + rejected,
        accepted=before.accepted + settled.accepted,
        refused=before.refused + len(settled.errors),
        rejects_size=rejects_size,
        position=position,
    )
