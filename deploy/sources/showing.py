"""How sources and their keys look on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.markup import escape
from rich.table import Table

Row = Mapping[str, Any]
_COLUMNS = ("events", "pass rate", "late p95", "twice", "conflicts", "no or unknown ids", "breaks contract", "personal")


def sources_table(rows: Iterable[Row], hours: int) -> Table:
    """One row a source."""
    table = Table(title=f"Sources, the last {hours} h", title_justify="left")
    table.add_column("source", overflow="fold")
    for name in _COLUMNS:
        table.add_column(name, justify="right")
    for name in ("last event", "state"):
        table.add_column(name, overflow="fold")
    for each in rows:
        table.add_row(*map(escape, _cells(each)))
    return table


def keys_table(rows: Iterable[Row]) -> Table:
    """One row a key."""
    table = Table(title="Write keys", title_justify="left")
    for name in ("key id", "label", "state", "until", "events/s", "types", "origins", "from"):
        table.add_column(name, overflow="fold")
    for each in rows:
        said = (each.get("label") or "", each["state"], each.get("expires_at") or "", str(each.get("rate") or ""))
        lists = (" ".join(each.get("types", ())), " ".join(each.get("origins", ())), each["from"])
        table.add_row(*map(escape, (each["key_id"], *said, *lists)))
    return table


def source_lines(said: Row) -> Iterator[str]:
    """What `cdp sources show` says below the scorecard."""
    for kind in said["types"]:
        yield f"[bold]{escape(kind['type'])}[/]  {kind['events']:,} events, first {kind['first_seen'] or 'unknown'}"
        for field in kind["fields"]:
            yield f"  {escape(field['field'])}  {field['coverage']:.1%}"
    for each in said["new"]:
        what = f"field {each['field']} of {each['type']}" if each["field"] else f"type {each['type']}"
        yield f"new since {each['first_seen']}: {escape(what)}"
    for code, letters in said["refused_by_code"].items():
        yield f"refused, {code}: {letters:,}"
    for each in said["broken"]:
        where = f"{each['type']} {each['pointer']}: {each['message']}"
        yield f"counted, {escape(where)} ({each['events']:,})"


def minted_lines(said: Row) -> Iterator[str]:
    """A new key, and what to do with it."""
    yield f"[bold]{escape(said['key'])}[/]"
    yield f"This is the write key {said['key_id']} of the source {said['source']}. It is not shown again: keep it now."
    if old := said.get("replaces"):
        yield f"{old['key_id']} is taken beside it until {old['expires_at']}."


def _cells(each: Row) -> tuple[str, ...]:
    late, rate = each["late_seconds"], each["pass_rate"]
    states = ["silent"] if each["silent"] else []
    states += [f"{each['newly_seen']:,} new"] if each["newly_seen"] else []
    states += [each["expected"]["state"]] if each["expected"] and each["expected"]["state"] != "ok" else []
    broken = each["contract_refused"] + each["contract_counted"]
    figures = (
        each["duplicates"],
        each["conflicts"],
        each["unknown_identifiers"],
        broken,
        each["personal_data_in_text"],
    )
    return (
        each["source"],
        f"{each['events']:,}",
        "" if rate is None else f"{rate:.2%}",
        "" if late is None else f"{late['p95']:,.0f} s",
        *(f"{figure:,}" for figure in figures),
        each["last_received_at"] or "",
        ", ".join(states),
    )
