"""`cdp chaos`: strikes at a platform of its own while clients post, and shows that nothing is lost or counted twice."""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from deploy.chaos import report
from deploy.chaos.arena import POLICY, arena
from deploy.chaos.rounds import Round, Scale, fight
from deploy.chaos.traffic import SOURCES
from deploy.cli.apart import apart
from deploy.cli.console import notes, results
from deploy.cli.options import settings_for
from deploy.cli.starting import Starting
from deploy.cli.up import owned
from deploy.platform import assemble
from deploy.running import run
from schemas.settings import Settings

_WRONG = 1


def chaos(
    *,
    rounds: Annotated[int, typer.Option(min=1, max=100_000, help="How many blows.")] = 10,
    seed: Annotated[int, typer.Option(help="The same seed gives the same blows and events.")] = 7,
    rate: Annotated[int, typer.Option(min=1, max=2_000, help="Events a second meanwhile.")] = 60,
    data_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep data and logs here. [default: nowhere]")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Kill, stop and deceive the processes of a platform of its own while clients post.

    After each round every acknowledged event must be there exactly once, and profiles, memberships and changes must be
    what an independent computation makes of the log. Exits with 1 when anything is not.
    """
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # its client has much to say when a broker is killed
    found: list[Round] = []
    with nullcontext(data_dir) if data_dir else tempfile.TemporaryDirectory(prefix="cdp-chaos-") as directory:
        _strike(apart(settings_for(Path(directory))), Scale(rounds, seed, rate), found)
    if as_json:
        typer.echo(report.as_json(found, rounds, seed))
    else:
        results().print(report.table(found))
    if len(found) < rounds or not all(each.verdict.is_good for each in found):
        raise typer.Exit(_WRONG)


def _strike(settings: Settings, scale: Scale, found: list[Round]) -> None:
    with owned(settings), Starting(notes()) as starting:
        platform = assemble(settings, os.environ, needed=SOURCES, progress=starting.fetching)
        field = arena(platform, settings.data_dir)

        def tell(each: Round) -> None:
            found.append(each)
            notes().print(report.line(each), soft_wrap=True)

        async def work(_pids: Mapping[str, int | None]) -> bool:
            starting.stop()
            await fight(field, settings, settings.data_dir, scale, tell)
            return False

        asyncio.run(run(settings.data_dir, field.platform, starting.show, work, POLICY))
