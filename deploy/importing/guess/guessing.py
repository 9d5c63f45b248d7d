"""From names of columns and sample rows to a mapping of sales, refunds, members or a survey: a proposal to be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from deploy.importing.guess.words import IDENTIFIERS, TRAITS, meanings
from ingest.files.clocks import time_reader
from ingest.files.tables import Row

Said = dict[str, Any]
_FORMATS = (None, "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y",
            "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%d-%b-%Y")  # fmt: skip
_DATED = re.compile(r"[A-Za-z]*[-_.]?((?:19|20)[0-9]{6})(?![0-9])")
_GENDERS = {"男": "male", "女": "female", "M": "male", "F": "female"}
_UNKNOWN_TIME = "2026-01-01 00:00:00"
_LEFT_OUT = "# Columns that are left out: {}\n"
_NO_TIME = "# No column says when it happened: occurred_at is made up; put in a column, or a file_name.\n"
_NOBODY = "# No column says who it was: put one into ids.\n"


@dataclass(frozen=True, slots=True)
class Sample:
    """What is known of a file: the names of its columns, its first rows, and what columns mean."""

    file: str
    columns: Sequence[str]
    rows: Sequence[Row]
    known: Mapping[str, str]

    def values(self, column: str) -> list[str]:
        """What a column says in the first rows, blanks left out."""
        place = self.columns.index(column)
        return [row[place].strip() for row in self.rows if row[place].strip()]


def guess(file: Path, columns: Sequence[str], rows: Sequence[Row], header: int = 1) -> str:
    """Propose a mapping as YAML, with remarks on what was left out."""
    sample = Sample(file.name, columns, rows, meanings(columns))
    mapping = _mapping(sample)
    above = {"header": header} if header > 1 else {}
    mapping = {"name": mapping.pop("name"), "files": [_pattern(file.name)], **above, **mapping}
    events = mapping["events"]
    text = yaml.safe_dump(mapping, allow_unicode=True, sort_keys=False, width=110)
    left = [column for column in columns if column not in _strings(mapping)]
    remarks = [
        _LEFT_OUT.format(", ".join(" ".join(each.split()) for each in left)) if left else "",
        _NO_TIME if events[0]["occurred_at"] == {"value": _UNKNOWN_TIME} else "",
        "" if any(event["ids"] for event in events) else _NOBODY,
    ]
    return "".join(remarks) + text


def _mapping(sample: Sample) -> Said:
    known = sample.known
    if "order_id" in known and ("refund_amount" in known or "refund_id" in known):
        return _refunds(sample)
    if "order_id" in known and ("total" in known or "amount" in known):
        return _sales(sample)
    if {"nps", "csat"} & known.keys() or any(each.rstrip().endswith(("?", "?")) for each in sample.columns):
        return _survey(sample)
    return _members(sample)


def _sales(sample: Sample) -> Said:
    known = sample.known
    line_fields = ("sku", "line_name", "category", "brand", "quantity", "amount")
    lines: Said = (
        {each.removeprefix("line_"): known[each] for each in line_fields if each in known} if "sku" in known else {}
    )
    total: Any = known.get("total") or known["amount"]
    if lines:
        lines = {"quantity": {"value": 1}, "amount": total, **lines}
        total = known["total"] if {"total", "amount"} <= known.keys() else {"column": total, "over": "sum"}
    data = {
        "order_id": known["order_id"],
        "total": total,
        **_some(known, "currency", "discount", "coupon", "payment_method"),
    }
    event = _event(sample, "order.completed", data)
    order = {"group": [known["order_id"]]} if lines else {"key": [known["order_id"]]}
    return {"name": "sales", **order, "events": [{**event, "lines": lines} if lines else event]}


def _refunds(sample: Sample) -> Said:
    known = sample.known
    amount = known.get("refund_amount") or known.get("total") or known.get("amount")
    refund = known.get("refund_id", known["order_id"])
    data = {
        "order_id": known["order_id"],
        "refund_id": refund,
        **({"amount": {"column": amount, "absolute": True}} if amount else {}),
        **_some(known, "currency", "reason"),
    }
    return {"name": "refunds", "key": [refund], "events": [_event(sample, "order.refunded", data)]}


def _members(sample: Sample) -> Said:
    known = sample.known
    data: Said = {f"traits.{each}": known[each] for each in TRAITS if each in known}
    if "gender" in known:
        data["traits.gender"] = {"column": known["gender"], "map": _GENDERS}
    used = {*known.values()}
    data |= {f"traits.{_step(each)}": each for each in sample.columns if each not in used}
    who = next((known[each] for each in IDENTIFIERS if each in known), None)
    key = {"key": [who], "changed_rows": "new_event"} if who else {}
    return {"name": "members", **key, "events": [_event(sample, "customer.identified", data)]}


def _survey(sample: Sample) -> Said:
    known = sample.known
    about = {known[each] for each in (*IDENTIFIERS, "time", "date", "store", "channel", "name") if each in known}
    answers = {f"answers.{_step(each)}": each for each in sample.columns if each not in about}
    events = [_event(sample, "survey.answered", {"survey": {"value": "survey"}, **answers})]
    for scale in ("nps", "csat"):
        if scale in known:
            score = {"scale": {"value": scale}, "score": known[scale], **_some(known, "comment")}
            rated = _event(sample, "feedback.rated", score)
            events.append({**rated, "name": scale, "where": [{"column": known[scale], "op": "exists"}]})
    return {"name": "survey", "events": events}


def _event(sample: Sample, kind: str, data: Said) -> Said:
    known = sample.known
    return {
        "type": kind,
        "occurred_at": _time(sample),
        "ids": _some(known, *IDENTIFIERS),
        **_some(known, "channel", "store"),
        "data": {name: field for name, field in data.items() if field is not None},
    }


def _some(known: Mapping[str, str], *names: str) -> Said:
    return {name: known[name] for name in names if name in known}


def _time(sample: Sample) -> Any:
    """The column that says when; a date and a time apart are joined; the format is the first that fits all samples."""
    day, time = sample.known.get("date"), sample.known.get("time")
    if day and time and not _reads(sample.values(time)):
        return {"join": [day, time]}
    unknown = [each for each in sample.columns if each not in sample.known.values()]
    for column in [time, day] if time or day else unknown:
        fitting = [form for form in _FORMATS if column and _reads(sample.values(column), form)]
        if fitting:
            return {"column": column, "format": fitting[0]} if fitting[0] else column
    if dated := _DATED.search(sample.file):
        return {"file_name": dated[0].replace(dated[1], r"(\d{8})")}
    return {"value": _UNKNOWN_TIME}


def _reads(values: Sequence[str], form: str | None = None) -> bool:
    return bool(values) and all(_readable(time_reader(form), value) for value in values)


def _readable(read: Callable[[str], object], value: str) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True


def _step(column: str) -> str:
    """A column's name as one step of a path."""
    return column.replace(".", " ").strip()[:100] or "column"


def _pattern(name: str) -> str:
    return re.sub(r"[0-9][0-9._-]*(?=[._-]|$)", "*", name)


def _strings(said: Any) -> set[str]:
    if isinstance(said, str):
        return {said}
    parts = said.values() if isinstance(said, dict) else said if isinstance(said, list) else ()
    return {each for part in parts for each in _strings(part)}
