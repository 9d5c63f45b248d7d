"""`cdp rebuild`: computes a projection anew beside the live one, compares, and exchanges them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from deploy.attaching import Attached, attach
from deploy.cli.console import notes, results
from deploy.cli.options import DataDir, settings_for
from deploy.cli.progress import phases
from deploy.embedded.lock import DirectoryLock
from deploy.errors import CannotStart
from deploy.rebuilding.run import Rebuilding
from deploy.rebuilding.steps import producer
from projections.database import Database
from projections.rebuilding.catalogue import projection
from projections.rebuilding.comparing import COMPARED, Differences, two_rows

_NICE = 10
_FIELDS = 8

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before the exchange.")]
FromLog = Annotated[bool, typer.Option("--from-log", help="Compute facts and identity anew, too, from Kafka's log.")]
Show = Annotated[bool, typer.Option("--show", help="Print what samples say before and after: personal data.")]
Restart = Annotated[bool, typer.Option("--restart", help="Do not go on with a rebuild that was interrupted.")]
RollBack = Annotated[bool, typer.Option("--rollback", help="Go back to the former tables.")]
Drop = Annotated[bool, typer.Option("--drop", help="Drop the former tables, or those of a rebuild that was given up.")]


def rebuild(  # noqa: PLR0913 -- one argument an option
    name: Annotated[str, typer.Argument(metavar="PROJECTION", help="profiles or dead-letters")],
    *,
    from_log: FromLog = False,
    yes: Yes = False,
    show: Show = False,
    restart: Restart = False,
    rollback: RollBack = False,
    drop: Drop = False,
    data_dir: DataDir = None,
) -> None:
    """Compute a projection anew beside the live one, compare, and exchange them; nobody notices.

    Interrupted, it goes on when it is run again. The former tables are kept until --drop, and --rollback goes back.
    """
    asked = projection(name)
    with _at_work(data_dir) as (attached, live), producer(attached) as log:
        work = Rebuilding(attached, live, log, lambda: datetime.now(UTC), asked, from_log or asked.is_of_log)
        if drop:
            notes().print(f"{work.drop() / 2**20:,.1f} MiB dropped.")
        elif rollback:
            _go_back(work)
        else:
            _rebuild(work, sure=yes, show=show, anew=restart)


@contextmanager
def _at_work(data_dir: DataDir) -> Iterator[tuple[Attached, Database]]:
    """One rebuild at a time, and politely: whoever answers questions goes first."""
    settings = settings_for(data_dir)
    attached = attach(settings)
    os.nice(_NICE)
    with (
        DirectoryLock(settings.data_dir / "run", "rebuild"),
        closing(Database(attached.clickhouse, brief=True)) as live,
    ):
        yield attached, live


def _rebuild(work: Rebuilding, *, sure: bool, show: bool, anew: bool) -> None:
    journal = work.begin(anew=anew)
    if journal.now.is_swapping:
        notes().print("Finishing an exchange that was interrupted.")
        work.swap(journal, changed=True)
        return
    if journal.now.step > 1:
        notes().print(
            f"Going on with the rebuild begun {journal.now.begun_at:%Y-%m-%d %H:%M} UTC; --restart begins anew."
        )
    with phases() as phase:
        work.fill(journal, phase)
        found = work.compare(journal, phase)
    tell(work, found, show=show)
    _confirm(sure=sure)
    with phases() as phase:
        work.catch_up(journal, phase)
        work.swap(journal, changed=any(each.count for each in found))
    notes().print(f"Exchanged. The former tables are kept: cdp rebuild {work.asked.name} --rollback, or --drop.")


def _go_back(work: Rebuilding) -> None:
    with phases() as phase:
        work.roll_back(phase)
    notes().print(f"The former tables are live again. cdp rebuild {work.asked.name} --drop drops the others.")


def _confirm(*, sure: bool) -> None:
    if sure:
        return
    if not sys.stdin.isatty():
        raise CannotStart("Nobody is there to confirm. Run it again with --yes: what is computed is kept until then.")
    typer.confirm("Exchange them?", abort=True, err=True)


def tell(work: Rebuilding, found: Sequence[Differences], *, show: bool) -> None:
    """What differs."""
    table = Table(title="Compared with the live tables", title_justify="left")
    table.add_column("table")
    for name in ("rows before", "after", "only before", "only after", "changed"):
        table.add_column(name, justify="right")
    for each in found:
        counts = (each.before, each.after, each.only_before, each.only_after, each.changed)
        table.add_row(each.table, *(f"{count:,}" for count in counts))
    results().print(table)
    for each in found:
        fields = ", ".join(f"{name} {count:,}" for name, count in each.by_column.most_common(_FIELDS))
        if fields:
            results().print(f"{each.table}: most changed are {fields}", soft_wrap=True)
        for sample in each.samples:
            _tell_sample(work, each, sample, show=show)


def _tell_sample(work: Rebuilding, each: Differences, sample: str, *, show: bool) -> None:
    """Which row, and which of its fields; their values only when asked for."""
    both = two_rows(work.live, work.beside, COMPARED[each.table], sample)
    results().print(f"  {escape(sample)}: {', '.join(both)}", soft_wrap=True)
    for name, (was, now) in both.items() if show else ():
        results().print(f"    {name}: {escape(was)} -> {escape(now)}", soft_wrap=True)
