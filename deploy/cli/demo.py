"""`cdp demo`: the platform with 69,659 real purchases, and what it says about them."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.cdnow import figures
from deploy.cdnow.history import AS_OF, CURRENCY, SOURCE, Purchase, as_line, best_customers, purchases
from deploy.cli.announcement import dossier, tell_addresses
from deploy.cli.console import notes, results
from deploy.cli.lag_view import lag_table
from deploy.cli.options import DataDir, settings_for
from deploy.cli.progress import load_progress
from deploy.cli.starting import Starting
from deploy.cli.up import owned
from deploy.errors import CannotReach
from deploy.loading.arrival import ask_after
from deploy.loading.batches import Batch, cut
from deploy.loading.client import Client, Receipt
from deploy.loading.load import load
from deploy.platform import Platform, assemble
from deploy.running import run

_DIRECTORY = Path(".cdp-demo")
_BEST = 10
_ID_TYPE = "customer_no"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the platform says of the history, and how long it took from the first request to that answer."""

    rfm: Mapping[str, Any]
    seconds: float
    events_per_second: float


def demo(
    data_dir: DataDir = None,
    *,
    leave: Annotated[bool, typer.Option("--exit", help="Stop when the history is loaded and shown.")] = False,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Also write the RFM answer, seconds and events_per_second."),
    ] = None,
) -> None:
    """Start a platform, load the CDNOW history into it and show its RFM; Ctrl-C stops it.

    It lives in a directory of its own (.cdp-demo), in US dollars. Running it again changes no figure.
    """
    settings = settings_for(data_dir, _DIRECTORY).model_copy(update={"currency": CURRENCY})
    history = purchases()
    with owned(settings), Starting(notes()) as starting:
        platform = assemble(settings, os.environ, needed=(SOURCE,), progress=starting.fetching)

        async def show(pids: Mapping[str, int | None]) -> bool:
            starting.stop()
            await _show(platform, history, json_file)
            description = platform.description(pids)
            tell_addresses(description, dossier(description, f"{_ID_TYPE}:{best_customers(history, 1)[0]}"))
            return not leave

        asyncio.run(run(settings.data_dir, platform, starting.show, show))
    notes().print("Stopped.")


async def _show(platform: Platform, history: Sequence[Purchase], json_file: Path | None) -> None:
    out = results()
    async with Client(platform.addresses.api, platform.keys.api_key) as api:
        outcome = await _load(platform, api, history)
        if json_file:
            _write(json_file, outcome)
        out.print(figures.grid(outcome.rfm))
        out.print(figures.classes(outcome.rfm))
        out.print(figures.customers([await _dossier(api, customer) for customer in best_customers(history, _BEST)]))
        out.print(lag_table(await api.get("/v1/lag"), by_partition=False))
    out.print(
        f"{len(history):,} purchases in {outcome.seconds:.1f} s: [bold]{outcome.events_per_second:,.0f} events/s[/] "
        "from the first request to the figures above."
    )


async def _load(platform: Platform, api: Client, history: Sequence[Purchase]) -> Outcome:
    began = time.monotonic()
    with load_progress(notes()) as progress:
        task = progress.add_task("CDNOW to ingest", total=len(history), events=0)

        def advance(batch: Batch, _receipt: Receipt) -> None:
            done = progress.tasks[task].completed + len(batch.lines)
            progress.update(task, completed=done, events=int(done))

        async with Client(platform.addresses.ingest, platform.keys.write_keys[SOURCE]) as ingest:
            report = await load(ingest, cut(map(as_line, history)), advance)
        if report.rejected:
            raise CannotReach(
                f"Ingest rejected {report.rejected} purchases, first {report.errors[0][0]}: {report.errors[0][1]}"
            )

        def behind(records: int) -> None:
            progress.update(task, description=f"into the profiles, {records:,} records to go")

        rfm = await ask_after(api, "/v1/rfm", report.position, behind, as_of=AS_OF)
        progress.update(task, description="CDNOW in the profiles")
    seconds = time.monotonic() - began
    return Outcome(rfm, seconds, len(history) / seconds)


async def _dossier(api: Client, customer: str) -> tuple[str, Mapping[str, Any]]:
    """One customer as the platform knows them."""
    address = f"{_ID_TYPE}:{customer}"
    answer = await api.ask("POST", "/v1/profiles:lookup", json={"id": address})
    return address, api.expect(answer)


def _write(path: Path, outcome: Outcome) -> None:
    timing = {"seconds": round(outcome.seconds, 3), "events_per_second": round(outcome.events_per_second, 1)}
    path.write_text(json.dumps({**outcome.rfm, **timing}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
