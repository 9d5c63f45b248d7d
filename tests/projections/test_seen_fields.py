"""What is written of types and fields that were seen: little, and the same in any order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from projections.database import Database
from projections.facts import Fact
from projections.places import Place
from projections.seen_fields import SeenFields
from schemas.door import Door
from schemas.sources import Source

START = datetime(2026, 11, 22, tzinfo=UTC)
DOOR = Door("CN")
SEEN = {"type": "page.viewed", "occurred_at": "2026-11-21T08:00:00Z", "ids": {"user_id": "u"}}


class Table:
    """Keeps minima and maxima, as the real one does; counts how often it is written."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], tuple[datetime, datetime]] = {}
        self.inserts = 0

    def insert(self, table: str, columns: Mapping[str, Sequence[Any]]) -> None:
        assert table == "seen_fields"
        self.inserts += 1
        for kind, name, first, last in zip(
            *(columns[each] for each in ("type", "field", "first", "last")), strict=True
        ):
            before = self.rows.get((kind, name), (first, last))
            self.rows[kind, name] = (min(first, before[0]), max(last, before[1]))


def fact(seconds: int, *names: str) -> Fact:
    event = {**SEEN, "event_id": f"e{seconds}", "data": dict.fromkeys(names, "x")}
    place = Place(START + timedelta(seconds=seconds), 0, seconds, 0)
    return Fact(DOOR.admit(json.dumps(event).encode(), Source("app"), START), "events", place)


def seen(table: Table) -> SeenFields:
    return SeenFields(cast("Database", table))


def test_what_is_known_is_not_written_again() -> None:
    """But for a minute that went by, a new field, and one that an earlier event turns out to have had."""
    table = Table()
    fields = seen(table)
    for seconds in range(10, 70):
        fields.note([fact(seconds, "url")])
    assert table.inserts == 1
    fields.note([fact(70, "url")])
    fields.note([fact(71, "url", "title")])
    fields.note([fact(5, "url")])
    assert table.inserts == 4
    first = {name: at.second for (_, name), (at, _) in table.rows.items()}
    assert first == {"": 5, "url": 5, "title": 11}


def test_a_type_with_ever_new_fields_ends_somewhere() -> None:
    """A producer that makes names of numbers fills no table."""
    table = Table()
    fields = seen(table)
    for number in range(1_200):
        fields.note([fact(number // 100, f"n{number}")])
    assert len(table.rows) == 1_000


@given(st.lists(st.tuples(st.integers(0, 200), st.sampled_from(["a", "b"]), st.booleans()), min_size=1, max_size=40))
def test_any_order_comes_to_the_same(said: list[tuple[int, str, bool]]) -> None:
    """In whatever chunks, and forgotten in between: first sight is exact, last sight a minute behind at most."""
    table = Table()
    fields = seen(table)
    chunk: list[Fact] = []
    for seconds, name, is_end in said:
        chunk.append(fact(seconds, name))
        if is_end:
            fields.note(chunk)
            chunk = []
            if seconds % 7 == 0:
                fields.forget()
    fields.note(chunk)
    times = [START + timedelta(seconds=seconds) for seconds, _, _ in said]
    first, last = table.rows["page.viewed", ""]
    assert first == min(times)
    assert max(times) - timedelta(minutes=1) < last <= max(times)
    for name in {name for _, name, _ in said}:
        assert table.rows["page.viewed", name][0] == min(
            at for at, each in zip(times, said, strict=True) if each[1] == name
        )
