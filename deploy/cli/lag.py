"""`cdp lag`: how far the processors are behind the log."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer
from rich.table import Table

from deploy.cli.console import results
from deploy.cli.options import DataDir, settings_for
from deploy.doors import api_key, api_url
from deploy.loading.client import Client

_NAMES = ("committed", "end", "lag")


def lag(
    data_dir: DataDir = None,
    url: Annotated[str, typer.Option(help="The API, when it is not this machine's.")] = "",
    key: Annotated[str, typer.Option(help="API key, when it is not in the data directory.")] = "",
) -> None:
    """Show the lag by consumer group, topic and partition, and how fresh the projections are."""
    settings = settings_for(data_dir)
    door = Client(url or api_url(settings), key or api_key(settings))
    answer = asyncio.run(_ask(door))
    results().print(lag_table(answer, by_partition=True))
    results().print(freshness_table(answer))


def lag_table(answer: Mapping[str, Any], *, by_partition: bool) -> Table:
    """The groups of GET /v1/lag, each partition or summed by topic."""
    table = Table(title="Lag", title_justify="left")
    for name in ("group", "topic", "partition") if by_partition else ("topic",):
        table.add_column(name, no_wrap=True)
    for name in (*_NAMES, "seconds"):
        table.add_column(name, justify="right")
    table.add_column("state")
    for row in answer["groups"] if by_partition else _by_topic(answer["groups"]):
        place = [row["group"], row["topic"], str(row["partition"])] if by_partition else [row["topic"]]
        seconds = row["lag_seconds"]
        figures = [f"{row[name]:,}" for name in _NAMES] + ["-" if seconds is None else f"{seconds:.1f}"]
        table.add_row(*place, *figures, row["state"])
    return table


def freshness_table(answer: Mapping[str, Any]) -> Table:
    """The projections of GET /v1/lag."""
    table = Table(title="Projections", title_justify="left")
    for name in ("projection", "as of", "seconds behind", ""):
        table.add_column(name)
    for row in answer["projections"]:
        table.add_row(row["name"], str(row["as_of"]), f"{row['lag_seconds']:.1f}", "stale" if row["stale"] else "")
    return table


def _by_topic(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    topics: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        topics.setdefault((row["group"], row["topic"]), []).append(row)
    return [_sum(group, topic, parts) for (group, topic), parts in topics.items()]


def _sum(group: str, topic: str, parts: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Records add up; of the seconds the worst counts, of the states the partition's that is furthest behind."""
    worst = max(parts, key=lambda part: part["lag"])
    seconds = [part["lag_seconds"] for part in parts if part["lag_seconds"] is not None]
    sums = {name: sum(part[name] or 0 for part in parts) for name in _NAMES}
    return {"group": group, "topic": topic, **sums, "lag_seconds": max(seconds, default=None), "state": worst["state"]}


async def _ask(door: Client) -> Mapping[str, Any]:
    async with door as api:
        return await api.get("/v1/lag")
