"""What a person is told when all is up: where everything answers, and commands to paste."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.panel import Panel
from rich.table import Table

from deploy.cli.console import results

_EVENT = (
    '{"event_id": "hello-1", "type": "order.completed", "occurred_at": "2026-01-01T08:00:00+08:00", '
    '"ids": {"phone": "138 0013 8000"}, "data": {"order_id": "1", "total": "268.00", "lines": []}}'
)


def tell_addresses(description: Mapping[str, Any], commands: str) -> None:
    """Print addresses and keys in a box, and below it, unbroken by any box, commands to paste."""
    table = Table.grid(padding=(0, 2))
    for name in ("ingest", "api", "kafka", "clickhouse"):
        table.add_row(f"[bold]{name}[/]", description[name])
    for source, key in description["write_keys"].items():
        table.add_row("[bold]write key[/]", f"{key}  [dim]{source}[/]")
    table.add_row("[bold]API key[/]", description["api_key"])
    out = results()
    out.print(Panel(table, title="The platform is up; Ctrl-C stops it", expand=False))
    out.print(commands, soft_wrap=True, markup=False)


def first_event(description: Mapping[str, Any]) -> str:
    """Send an event, then ask for its customer."""
    return (
        f"curl -s {description['ingest']}/v1/events \\\n"
        f"  -H 'Authorization: Bearer {description['write_key']}' -H 'Content-Type: application/json' \\\n"
        f"  -d '{_EVENT}'\n"
        f"{dossier(description, 'phone:%2B8613800138000')}"
    )


def dossier(description: Mapping[str, Any], address: str) -> str:
    """Ask for one customer."""
    return (
        f"curl -s {description['api']}/v1/profiles/{address} \\\n"
        f"  -H 'Authorization: Bearer {description['api_key']}'\n"
    )
