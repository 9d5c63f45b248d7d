"""`cdp doctor`: what is missing on this machine, and how to get it."""

from __future__ import annotations

import os

import typer
from rich.table import Table

from deploy.checks import Finding, Verdict, examine
from deploy.cli.console import results
from deploy.cli.options import DataDir, settings_for

_MARKS = {Verdict.GOOD: "[green]✓[/]", Verdict.WARNING: "[yellow]![/]", Verdict.BAD: "[red]✗[/]"}


def doctor(data_dir: DataDir = None) -> None:
    """Say what this machine lacks for the platform and how to get it. Exits with 1 if it lacks anything."""
    findings = examine(settings_for(data_dir), os.environ)
    results().print(_table(findings))
    if any(finding.verdict is Verdict.BAD for finding in findings):
        raise typer.Exit(1)


def _table(findings: list[Finding]) -> Table:
    table = Table(show_header=False, box=None, padding=(0, 1))
    for finding in findings:
        table.add_row(_MARKS[finding.verdict], f"[bold]{finding.what}[/]", finding.found)
        if finding.remedy:
            table.add_row("", "", f"[yellow]→ {finding.remedy}[/]")
    return table
