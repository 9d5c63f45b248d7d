"""How dead letters, their groups and what became of a replay look on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.markup import escape
from rich.table import Table

Row = Mapping[str, Any]


def letters_table(rows: list[Row]) -> Table:
    """One row a letter; the original is shown by `show`."""
    table = Table(title="Dead letters", title_justify="left")
    for name in ("letter", "received", "source", "event", "code", "what is wrong", "repaired"):
        table.add_column(name, overflow="fold")
    for each in rows:
        repaired = each["repaired"]["at"] if each["repaired"] else ""
        wrong = f"{each['pointer']} {each['message']}".strip()
        named = (each["source"] or "", each["event_id"] or "", each["code"])
        table.add_row(*map(escape, (each["letter_id"], each["received_at"], *named, wrong, repaired)))
    return table


def groups_table(rows: list[Row]) -> Table:
    """One row a group, with a letter to look at."""
    table = Table(title="Dead letters by what is wrong", title_justify="left")
    table.add_column("open", justify="right")
    table.add_column("all", justify="right")
    for name in ("code", "source", "fingerprint", "what is wrong", "last seen", "for example"):
        table.add_column(name, overflow="fold")
    for each in rows:
        wrong = f"{each['pointer']} {each['message']}".strip()
        sample = each["samples"][0]["letter_id"] if each["samples"] else ""
        words = (each["code"], each["source"] or "", each["fingerprint"], wrong, each["last_seen"], sample)
        table.add_row(f"{each['open']:,}", f"{each['count']:,}", *map(escape, words))
    return table


def letter_lines(letter: Row) -> Iterator[str]:
    """Everything about one letter, its original last."""
    for name, value in letter.items():
        if name not in {"original", "freshness"} and value is not None:
            yield f"{name}: {value}"
    yield ""
    yield str(letter["original"])


def replay_lines(answers: list[Row]) -> Iterator[str]:
    """What became of a replay, or would."""
    sums = {name: sum(each[name] for each in answers) for name in ("matched", "passing", "replayed", "failed")}
    dry_run = answers[0]["dry_run"]
    did = f"{sums['passing']:,} would pass" if dry_run else f"{sums['replayed']:,} were replayed"
    yield f"{sums['matched']:,} letters match: {did}, {sums['failed']:,} still fail."
    kinds: dict[tuple[str, str], int] = {}
    for each in answers:
        for kind in each["failing_kinds"]:
            named = (kind["code"], kind["pointer"])
            kinds[named] = kinds.get(named, 0) + kind["count"]
    for (code, pointer), count in sorted(kinds.items(), key=lambda item: -item[1]):
        first = next((one for each in answers for one in each["failing"] if one["code"] == code), None)
        example = f" (for example {first['letter_id']}: {first['message']})" if first else ""
        yield f"  {count:,} × {code} {pointer or 'as a whole'}{example}"


def breaker_lines(said: Row) -> Iterator[str]:
    """Whether the recorder is held, and what can be done."""
    if said["state"] == "closed":
        yield "The recorder goes: its breaker is closed."
        return
    yield f"The recorder is held by its breaker since {said['since']}. Nothing is lost: events wait in the log."
    for each in said["holds"]:
        codes = ", ".join(f"{code} ({count})" for code, count in each["codes"].items())
        share = f"{each['refused']} of the last {each['events']} events refused"
        yield f"  partition {each['partition']}, offset {each['offset']}: {share} [{each['reason']}]; waiting: {codes}"
    yield "A bad release or setting: mend it and restart the processors; nothing else is needed."
    yield "The events are bad themselves: cdp dead-letters resume lets them become dead letters."


def order_lines(rows: list[Row]) -> Iterator[str]:
    """Who ordered what."""
    for each in rows:
        rest = {name: value for name, value in each.items() if name not in {"order_id", "kind", "by", "at"}}
        yield f"{each['at']} {each['kind']} by {each['by']} ({each['order_id']}): {rest}"
