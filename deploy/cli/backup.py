"""`cdp backup` and `cdp restore`: all of a platform on one machine, into a directory and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from deploy.attaching import attach
from deploy.backups.restore import restore as put_back
from deploy.backups.store import Store
from deploy.backups.take import take
from deploy.cli.console import notes, results
from deploy.cli.options import DataDir, settings_for
from deploy.embedded.lock import DirectoryLock
from deploy.errors import CannotStart
from schemas.settings import Settings

_MIB = 2**20
Where = Annotated[Path, typer.Argument(metavar="DIR", file_okay=False, help="Where backups lie.")]
Which = Annotated[str, typer.Option("--backup", metavar="ID", help="Which one. [default: the latest]")]


def backup(where: Where, data_dir: DataDir = None) -> None:
    """Back up a running platform: Kafka's log with its offsets, ClickHouse, keys. Only what is new is written.

    It goes on working meanwhile. The directory holds personal data, and keys in the clear: guard it.
    """
    settings = _on_this_machine(data_dir)
    attached = attach(settings)
    where.mkdir(parents=True, exist_ok=True, mode=0o700)
    with DirectoryLock(settings.data_dir / "run", "backup"), DirectoryLock(where), _bar() as progress:
        task = progress.add_task("Backing up", total=None)
        directory, changes = settings.data_dir.resolve(), attached.topics["changes"]
        tell = lambda done, total: progress.update(task, completed=done, total=total)  # noqa: E731
        taken = take(Store(where), directory, attached.clickhouse, changes, datetime.now(UTC), tell)
    size, new = taken.total / _MIB, taken.new / _MIB
    results().print(f"Backup {taken.manifest.backup_id}: {size:,.1f} MiB, of which {new:,.1f} MiB were new.")


def restore(where: Where, data_dir: DataDir = None, which: Which = "") -> None:
    """Put a backup back into a new data directory; cdp up starts it. Every piece is checked on the way."""
    settings = settings_for(data_dir)
    store = Store(where)
    ids = store.ids()
    if not ids:
        raise CannotStart(f"{where} has no backups. cdp backup {where} makes one.")
    manifest = store.read(which or ids[-1])
    with _bar() as progress:
        task = progress.add_task("Restoring", total=sum(each.size for each in manifest.entries))
        put_back(store, manifest, settings.data_dir, lambda size: progress.advance(task, size))
    results().print(
        f"Backup {manifest.backup_id} is in {settings.data_dir}. Start it with cdp up --data-dir {settings.data_dir}, "
        f"then run cdp verify --data-dir {settings.data_dir}.",
        soft_wrap=True,
    )


def _on_this_machine(data_dir: Path | None) -> Settings:
    settings = settings_for(data_dir)
    if settings.kafka.bootstrap or settings.clickhouse.url:
        raise CannotStart(
            "This platform uses servers of their own: back these up by their own means. RUNBOOK.md, Backup, says how."
        )
    return settings


@contextmanager
def _bar() -> Iterator[Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(binary_units=True), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=notes()) as progress:
        yield progress
