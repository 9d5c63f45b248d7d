"""Members as files, chosen fields, sets of segments, and plans: what is pure of them."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow.parquet as pq
import pytest

from api.exporting import as_csv
from api.fields import asks_what_holds, pick, read_fields
from api.found import Described, Found
from api.held_view import held
from api.members_view import wanted_value
from api.overlapping import compared, holds, keys_of, require_bounded, tallied
from api.parquet import as_parquet
from api.planning import Moved, concern, read, what, with_new
from api.tallies import by_text
from projections.library import Entry, Library
from schemas.definitions import InvalidDefinition, parse
from schemas.errors import RequestError
from schemas.identifiers import Identifier
from tests.ingest.fakes import NOW

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
FIELDS = (
    "orders.net_amount",
    "orders.count",
    "orders.last_at",
    "traits.nick",
    "orders.categories",
    "identifiers.phone",
)


def described(number: int, nick: str = "Ann") -> Described:
    found = Found(f"member_id:{number}", f"person-{number}", "gold", SINCE)
    identifiers = [Identifier("member_id", str(number)), Identifier("phone", "+8613800138000")]
    values = ["100.50", 3, "2026-01-01T00:00:00Z", nick, ["a", "b"], ["+8613800138000"]]
    return Described(found, identifiers, dict(zip(FIELDS, values, strict=True)))


def rows_of(*parts: list[Described]) -> list[list[str]]:
    text = b"".join(as_csv(parts, "tag", FIELDS)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_a_csv_has_a_head_and_a_row_a_member() -> None:
    """Lists are divided by spaces; it begins with the mark by which spreadsheets know UTF-8."""
    head, row, _ = rows_of([described(1)], [described(2)])
    assert head == ["person_id", "since", "value", "identifiers", *FIELDS]
    assert row == [
        "person-1", "2026-01-01T00:00:00Z", "gold", "member_id:1 phone:+8613800138000",
        "100.50", "3", "2026-01-01T00:00:00Z", "Ann", "a b", "+8613800138000",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("nick", "cell"),
    [("=1+1", "'=1+1"), ("@x", "'@x"), ("-x", "'-x"), ("+86 1", "'+86 1"), ("-1.5", "-1.5"), ("a=b", "a=b")],
)
def test_no_cell_is_a_formula(nick: str, cell: str) -> None:
    """A customer's own words must not compute in somebody's spreadsheet."""
    assert rows_of([described(1, nick)])[1][7] == cell


def test_parquet_has_types() -> None:
    """Figures of the dossier are what they are; the file is written piece by piece."""
    parts = [[described(number) for number in range(start, start + 15_000)] for start in (0, 15_000, 30_000)]
    pieces = list(as_parquet(parts, "tag", FIELDS))
    assert len(pieces) > 2
    file = pq.ParquetFile(io.BytesIO(b"".join(pieces)))
    assert (file.metadata.num_rows, file.num_row_groups) == (45_000, 2)
    first = file.read().slice(0, 1).to_pylist()[0]
    assert first["orders.net_amount"] == Decimal("100.50")
    assert (first["orders.count"], first["orders.last_at"], first["since"]) == (3.0, SINCE, SINCE)
    assert (first["identifiers"], first["value"]) == (["member_id:0", "phone:+8613800138000"], "gold")


def test_nobody_is_a_file_too() -> None:
    """With its columns, and no rows."""
    assert rows_of() == [["person_id", "since", "value", "identifiers", *FIELDS]]
    assert pq.read_table(io.BytesIO(b"".join(as_parquet([], "segment", ())))).num_rows == 0


def test_fields_are_found_where_names_have_dots() -> None:
    """The longest name that is there is taken; what is not there is null."""
    dossier: dict[str, Any] = {
        "traits": {"a.b": 1, "a": {"b": 2}},
        "interactions": {"by_type": {"product.viewed": 5}},
        "identifiers": [{"type": "phone", "value": "1"}, {"type": "email", "value": "x"}],
        "rfm": None,
    }
    assert pick(dossier, "traits.a.b") == 1
    assert pick(dossier, "interactions.by_type.product.viewed") == 5
    assert pick(dossier, "identifiers.phone") == ["1"]
    assert pick(dossier, "rfm.class") is None
    assert pick(dossier, "traits") == dossier["traits"]


@pytest.mark.parametrize(
    "text", ["nothing.at.all", "identifiers", "identifiers.name", ",".join(f"traits.{n}" for n in range(51))]
)
def test_fields_no_dossier_has_are_refused(text: str) -> None:
    """With those there are."""
    with pytest.raises(RequestError) as refused:
        read_fields(text)
    assert refused.value.pointer == "/query/fields"


def test_fields_are_read_once_each() -> None:
    """Blank ones are nothing; whether tags are among them is known, since they cost another question."""
    assert read_fields(" traits.city,, orders.count ,traits.city") == ("traits.city", "orders.count")
    assert (asks_what_holds(("tags.vip",)), asks_what_holds(("traits.tags",))) == (True, False)


def test_what_holds_is_tags_segments_and_lifecycle() -> None:
    """The lifecycle is what the tag of that name says."""
    assert held({"tag:lifecycle": "new", "segment:b": True, "segment:a": True, "tag:vip": True}) == {
        "lifecycle": "new", "tags": {"lifecycle": "new", "vip": True}, "segments": ["a", "b"],
    }  # fmt: skip
    assert held({}) == {"lifecycle": None, "tags": {}, "segments": []}


def test_a_query_names_values_as_they_are_held() -> None:
    """True for a tag with one condition, a number for one that copies a number, else text."""
    where = {"metric": "orders.count", "op": "gte", "value": 1}
    assert wanted_value(parse({"where": where}, "tag", "t"), "true") is True
    assert wanted_value(parse({"value_of": "orders.count"}, "tag", "t"), "3") == 3
    assert wanted_value(parse({"value_of": "derived.gender"}, "tag", "t"), "3") == "3"
    assert wanted_value(parse({"manual": True}, "tag", "t"), "true") == "true"


def test_counts_by_value_are_named_as_json_writes_them() -> None:
    """The most first."""
    assert list(by_text({"low": 1, True: 5, 3: 2}).items()) == [("true", 5), ("3", 2), ("low", 1)]


# Persons by the segments they are in.
MASKS = tallied({"p": 0b01, "q": 0b11, "r": 0b11, "s": 0b10})


def test_segments_are_compared() -> None:
    """Sizes, intersection, union and Jaccard's index of each pair."""
    found = compared(["a", "b"], MASKS)
    assert (found["sizes"], found["union"], found["intersection"]) == ({"a": 3, "b": 3}, 4, 2)
    assert found["pairs"] == [{"segments": ["a", "b"], "intersection": 2, "union": 4, "jaccard": 0.5}]
    assert found["combinations"][0] == {"segments": ["a", "b"], "size": 2}
    assert compared(["a", "b"], {})["pairs"][0]["jaccard"] is None


def test_sets_of_segments_hold_as_written() -> None:
    """And, or, not, nested."""
    expression = {"all": ["a", {"not": {"any": ["b", "c"]}}]}
    keys = list(keys_of(expression))
    assert keys == ["a", "b", "c"]
    assert [mask for mask in range(8) if holds(expression, keys, mask)] == [0b001]
    require_bounded(expression, keys)


@pytest.mark.parametrize(
    "expression",
    [{}, {"all": []}, {"none": ["a"]}, {"all": "a"}, 5, {"all": ["a"], "any": ["b"]}, {"not": {"not": 5}}, None],
)
def test_what_is_no_expression_is_refused(expression: Any) -> None:
    """With what one looks like."""
    with pytest.raises(RequestError) as refused:
        list(keys_of(expression))
    assert refused.value.pointer == "/expression"


def test_everybody_else_is_no_set_of_segments() -> None:
    """`not` alone would be people nobody asked about."""
    with pytest.raises(RequestError):
        require_bounded({"not": "a"}, ["a"])


WHERE = {"metric": "orders.count", "op": "gte", "value": 1}


def library() -> Library:
    inner = parse({"where": WHERE}, "segment", "inner")
    outer = parse({"where": {"segment": "inner"}}, "segment", "outer")
    return Library(3, {f"segment:{each.key}": Entry(each, 3, "ann", NOW) for each in (inner, outer)})


def test_a_plan_knows_new_changed_and_same() -> None:
    """However they are spelt; what depends on a change is concerned, too."""
    [same] = read([{"key": "inner", "where": WHERE, "status": "live"}])
    changed, new = read([{"key": "inner", "where": {**WHERE, "value": 2}}, {"key": "other", "where": WHERE}])
    assert [what(each, library()) for each in (same, changed, new)] == ["same", "changed", "new"]
    after = with_new(library(), [changed])
    assert concern([changed], library(), after) == {"segment:inner", "segment:outer"}
    assert concern([], library(), library()) == frozenset()


def test_a_plan_is_refused_with_pointers_into_the_request() -> None:
    """Each wrong definition is told, and one that comes twice."""
    with pytest.raises(InvalidDefinition) as refused:
        read([{"key": "a", "where": {"metric": "x", "op": "gte", "value": 1}}, {"where": WHERE}])
    assert [each.pointer for each in refused.value.refusals] == ["/definitions/0/where/metric", "/definitions/1/key"]
    with pytest.raises(InvalidDefinition):
        read([{"key": "a", "where": WHERE}, {"key": "a", "where": WHERE}])


def test_a_plan_counts_who_moves() -> None:
    """Whoever stays with another value neither enters nor leaves; examples are few."""
    moved = Moved()
    for number in range(8):
        moved.see((f"r{number}", "p"), None, '"high"')
    moved.see(("x", "p"), '"low"', None)
    moved.see(("y", "p"), '"low"', '"high"')
    moved.see(("z", "p"), '"low"', '"low"')
    figures = (moved.before, moved.after, moved.entering, moved.leaving, moved.revalued)
    assert figures == (3, 10, 8, 1, 1)
    assert (len(moved.examples["entering"]), moved.examples["leaving"]) == (5, [("x", "p")])
