"""How sources and their keys look on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

Row = Mapping[str, Any]
_COLUMNS = ("events", "passed", "late", "twice", "conflict", "bad ids", "contract", "personal", "quiet")
_UNITS = ((86_400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def sources_table(rows: Iterable[Row], hours: int) -> Table:
    """One row a source."""
    table = Table(title=f"Sources, the last {hours} h", title_justify="left", box=SIMPLE_HEAD)
    table.add_column("source", overflow="fold")
    table.add_column("state", overflow="fold")
    for name in _COLUMNS:
        table.add_column(name, justify="right", no_wrap=True)
    for each in rows:
        table.add_row(*map(escape, _cells(each)))
    return table


def keys_table(rows: Iterable[Row]) -> Table:
    """One row a key."""
    table = Table(title="Write keys", title_justify="left")
    for name in ("key id", "label", "state", "until", "events/s", "types", "origins", "from"):
        table.add_column(name, overflow="fold")
    for each in rows:
        said = (each.get("label") or "", each["state"], _moment(each.get("expires_at")), str(each.get("rate") or ""))
        lists = (" ".join(each.get("types", ())), " ".join(each.get("origins", ())), each["from"])
        table.add_row(*map(escape, (each["key_id"], *said, *lists)))
    return table


def source_lines(said: Row) -> Iterator[str]:
    """What `cdp sources show` says below the scorecard."""
    for kind in said["types"]:
        first = _moment(kind["first_seen"]) or "unknown"
        yield f"[bold]{escape(kind['type'])}[/]  {kind['events']:,} of them, first {first}"
        for field in kind["fields"]:
            yield f"  {escape(field['field'])}  {field['coverage']:.1%}"
    for each in said["new"]:
        what = f"field {each['field']} of {each['type']}" if each["field"] else f"type {each['type']}"
        yield f"new since {_moment(each['first_seen'])}: {escape(what)}"
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
        is_over, until = old["state"] == "expired", _moment(old["expires_at"])
        yield f"{old['key_id']} is {'not taken any more' if is_over else f'taken beside it until {until}'}."


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
        ", ".join(states),
        f"{each['events']:,}",
        "" if rate is None else f"{rate:.2%}",
        "" if late is None else _span(late["p95"]),
        *(f"{figure:,}" for figure in figures),
        "" if each["quiet_seconds"] is None else _span(each["quiet_seconds"]),
    )


def _moment(text: str | None) -> str:
    """A time to the second."""
    return "" if text is None else f"{text[:19].replace('T', ' ')} UTC"


def _span(seconds: float) -> str:
    """How long something is, in the largest unit that is full."""
    size, name = next((unit for unit in _UNITS if seconds >= unit[0]), _UNITS[-1])
    return f"{seconds / size:,.0f} {name}"
