"""What `GET /v1/lag` says, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from deploy.cli.words import Language, word

Answer = Mapping[str, Any]

_HEADS = 8
"""Lines of titles, heads and the hint at the bottom."""
_SUMMED = ("committed", "end", "lag", "rate_in", "rate_out")
_COLOURS = {"ok": "green", "warn": "yellow", "stalled": "bold red", "stopped": "bold red", "no_members": "bold red"}
_SEVERITY = ("ok", "warn", "stalled", "stopped", "no_members")


def everything(answer: Answer, language: Language, height: int | None = None) -> Group:
    """All of it, hot keys only where there are any; in few lines by topic instead of by partition."""
    hot = [(row, each) for row in answer["groups"] for each in row["hot_keys"]]
    needed = len(answer["groups"]) + len(answer["projections"]) + len(hot) + _HEADS
    by_partition = height is None or height >= needed
    tables = [lag_table(answer, language, by_partition=by_partition), freshness_table(answer, language)]
    return Group(*tables, *([_hot_table(hot, language)] if hot else []))


def lag_table(answer: Answer, language: Language = Language.EN, *, by_partition: bool = True) -> Table:
    """The groups, each partition or summed by topic."""
    groups = ", ".join(sorted({row["group"] for row in answer["groups"]}))
    table = _table(f"{word('Lag', language)} · {groups}")
    for name in ("topic", "partition") if by_partition else ("topic",):
        table.add_column(word(name, language), no_wrap=True)
    for name in ("committed", "end", "lag", "seconds", "in/s", "out/s", "drained in"):
        table.add_column(word(name, language), justify="right", no_wrap=True)
    loses = any(row["deleted_in_seconds"] is not None for row in answer["groups"]) and by_partition
    if loses:
        table.add_column(word("deleted in", language), justify="right", no_wrap=True)
    table.add_column(word("state", language), no_wrap=True)
    for row in answer["groups"] if by_partition else _by_topic(answer["groups"]):
        place = [row["topic"], str(row["partition"])] if by_partition else [row["topic"]]
        figures = [f"{row[name]:,}" for name in ("committed", "end", "lag")]
        rates = [_number(row["rate_in"]), _number(row["rate_out"])]
        state = Text(word(row["state"], language), _COLOURS[row["state"]])
        deleted = [_hours(row["deleted_in_seconds"])] if loses else []
        table.add_row(*place, *figures, _number(row["lag_seconds"]), *rates, _drain(row, language), *deleted, state)
    return table


def freshness_table(answer: Answer, language: Language = Language.EN) -> Table:
    """The projections."""
    table = _table(word("Projections", language))
    for name in ("projection", "as of", "seconds behind", "newest done", "state"):
        table.add_column(word(name, language), no_wrap=True)
    for row in answer["projections"]:
        state = Text(word("stale", language), "bold red") if row["stale"] else Text(word("ok", language), "green")
        behind = f"{row['lag_seconds']:.1f}"
        table.add_row(row["name"], str(row["as_of"]), behind, row.get("watermark") or "-", state)
    return table


def _hot_table(hot: Iterable[tuple[Answer, Answer]], language: Language) -> Table:
    table = _table(word("Who fills what is behind", language))
    for name in ("topic", "partition", "type", "fingerprint", "source", "share", "offset"):
        table.add_column(word(name, language), no_wrap=True)
    for row, each in hot:
        who = (each["type"], each["fingerprint"], each["source"] or "-")
        table.add_row(row["topic"], str(row["partition"]), *who, f"{each['share']:.0%}", str(each["offset"]))
    return table


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="dim")


def _by_topic(rows: Iterable[Answer]) -> list[dict[str, Any]]:
    topics: dict[tuple[str, str], list[Answer]] = {}
    for row in rows:
        topics.setdefault((row["group"], row["topic"]), []).append(row)
    return [_sum(group, topic, parts) for (group, topic), parts in topics.items()]


def _sum(group: str, topic: str, parts: list[Answer]) -> dict[str, Any]:
    """Records and rates add up; of seconds and states the worst counts, and the partition drained last."""
    sums = {name: sum(part[name] or 0 for part in parts) for name in _SUMMED}
    seconds = [part["lag_seconds"] for part in parts if part["lag_seconds"] is not None]
    drains = [part["drain_seconds"] for part in parts]
    return {
        "group": group,
        "topic": topic,
        **sums,
        "lag_seconds": max(seconds, default=None),
        "drain_seconds": None if None in drains else max(drains),
        "state": max((part["state"] for part in parts), key=_SEVERITY.index),
    }


def _drain(row: Answer, language: Language) -> str:
    """How long it takes; never, when it does not come closer; nothing while that is not known."""
    if row["lag"] == 0:
        return ""
    if row["drain_seconds"] is not None:
        return f"{row['drain_seconds']:,.0f} s"
    return "-" if row["rate_out"] is None else word("never", language)


def _hours(seconds: float | None) -> str:
    """How long until records are deleted unread; nothing where none is."""
    return "" if seconds is None else f"{seconds / 3600:,.1f} h"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f}"
