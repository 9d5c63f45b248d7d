"""`cdp bench gate`: whether the hot paths still reach what they reached, as shares of what is possible."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from deploy.bench.gate import HELD, Gating, measure
from deploy.bench.shares import commit, committed, complaint
from deploy.cli.console import notes
from deploy.cli.measuring import Json, measured, tell
from deploy.cli.options import settings_for

_RENEW = "Where that is meant, or a path is new: cdp bench gate --write, and commit deploy/bench/shares.json."


def gate(
    *,
    write: Annotated[bool, typer.Option("--write", help="Write the shares down as those to be held.")] = False,
    json_file: Json = None,
) -> None:
    """Fail when a hot path reaches less of what is possible than it did: CPU seconds, held against its bare form's."""
    known = {} if write else committed()
    with tempfile.TemporaryDirectory(prefix="cdp-bench-") as directory:
        settings = settings_for(Path(directory))
        found = measured(settings, lambda doors: measure(doors, Gating(), known, notes()), held=HELD)
    tell(found, json_file)
    if write:
        commit({figure.name: figure.share or 0.0 for figure in found.figures})
        return
    wrong = [complaint(figure, known.get(figure.name)) for figure in found.figures]
    said = [each for each in wrong if each]
    for each in said:
        notes().print(f"[bold red]cdp:[/] {escape(each)}", soft_wrap=True)
    if said:
        notes().print(_RENEW, soft_wrap=True)
        raise typer.Exit(1)
