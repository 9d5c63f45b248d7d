"""`cdp bench recovery`: how soon the processors have caught up after kill -9."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median
from typing import Annotated

import typer

from deploy.chaos.recovery import CAUGHT_UP, Recovery, recoveries
from deploy.chaos.state import Processes
from deploy.chaos.steady import Counts
from deploy.cli.apart import apart, on_a_platform_of_its_own
from deploy.cli.console import notes, results
from deploy.cli.options import settings_for
from deploy.loading.client import Client
from deploy.platform import Platform

_SOURCE = "default"


def recovery(
    *,
    rate: Annotated[int, typer.Option(min=1, max=10_000, help="Events a second meanwhile.")] = 500,
    kills: Annotated[int, typer.Option(min=1, max=100, help="How many times.")] = 5,
) -> None:
    """Kill the processors under steady traffic; time until answers are as fresh as before. On a platform of its own."""
    found: list[Recovery] = []
    counted: list[Counts] = []

    def tell(each: Recovery) -> None:
        found.append(each)
        notes().print(f"{each.before:.1f} s behind, at most {each.most:.1f} s; caught up after {each.caught_up:.1f} s")

    with tempfile.TemporaryDirectory(prefix="cdp-recovery-") as directory:
        settings = apart(settings_for(Path(directory)))

        async def work(platform: Platform) -> None:
            addresses, keys = platform.addresses, platform.keys
            async with (
                Client(addresses.ingest, keys.write_keys[_SOURCE]) as ingest,
                Client(addresses.api, keys.api_key) as api,
            ):
                counted.append(await recoveries(Processes(settings.data_dir), ingest, api, rate, kills, tell))

        on_a_platform_of_its_own(settings, (_SOURCE,), work)
    caught_up, most = [each.caught_up for each in found], max(each.most for each in found)
    results().print(f"{counted[0].accepted:,} of {counted[0].sent:,} events accepted, {rate} a second.")
    results().print(
        f"After kill -9 answers were at most {most:.1f} s behind, and within {CAUGHT_UP:g} s again "
        f"after {median(caught_up):.1f} s (most {max(caught_up):.1f} s)."
    )
