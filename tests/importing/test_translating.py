"""Rows become events: values as they are meant, groups of rows as orders, ids that a second run makes again."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.files.chunks import MOST_ROWS, MOST_ROWS_OF_A_GROUP
from ingest.files.clocks import time_reader
from ingest.files.numbers import read_number
from schemas.errors import BadFile
from tests.importing.files import TIME, chunks, events, mapping, refusals, written

ORDER = {
    "type": "order.completed",
    "occurred_at": "t",
    "data": {"order_id": "o", "total": {"column": "a", "over": "sum"}, "articles": {"over": "count"}},
    "lines": {"sku": "s", "quantity": {"value": 1}, "amount": "a"},
}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("268", "268"), ("1,268.50", "1268.50"), ("¥1,268.50", "1268.50"), ("-¥3", "-3"), ("(12.00)", "-12.00"),
        ("\uff11\uff12\uff0e\uff15", "12.5"), ("12元", "12"), ("CNY 7.10", "7.10"), ("1 234 567", "1234567"),
        ("007", "7"), ("1.5e3", "1.5E+3"),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(text, number):
    """Exact, whatever stands around them."""
    assert str(read_number(text)) == number


@pytest.mark.parametrize("text", ["", "一千", "1,2,3", "1.2.3", "12-", "NaN", "1e999", "0x1F", "9" * 40])
def test_what_is_no_number(text):
    """Is refused, rather than guessed at."""
    with pytest.raises(ValueError):  # noqa: PT011 -- that is all there is to it
        read_number(text)


@pytest.mark.parametrize(
    ("text", "form", "iso"),
    [
        ("2026-01-02", None, "2026-01-02T00:00:00"),
        ("2026-01-02 03:04:05", None, "2026-01-02T03:04:05"),
        ("2026-01-02T03:04:05Z", None, "2026-01-02T03:04:05+00:00"),
        ("2026/1/2 3:04", None, "2026-01-02T03:04:00"),
        ("2026年1月2日 3时4分5秒", None, "2026-01-02T03:04:05"),
        ("20260102", None, "2026-01-02T00:00:00"),
        ("20260102030405", None, "2026-01-02T03:04:05"),
        ("2.1.2026 3:04", "%d.%m.%Y %H:%M", "2026-01-02T03:04:00"),
        ("2026-01-02 03:04:00", "%d.%m.%Y %H:%M", "2026-01-02T03:04:00"),
        ("1767323045", "unix", "2026-01-02T03:04:05+00:00"),
        ("1767323045000", "unix_ms", "2026-01-02T03:04:05+00:00"),
    ],
)
def test_times_as_files_write_them(text, form, iso):
    """Year first without a format; with one, as it says, or as a spreadsheet keeps times."""
    assert time_reader(form)(text).isoformat() == iso


@pytest.mark.parametrize(
    ("text", "form"), [("01/02/2026", None), ("2026-13-01", None), ("x", "%d"), ("nan", "unix"), ("1e99", "unix")]
)
def test_what_is_no_time(text, form):
    """A date that could be read in two ways is none without a format."""
    with pytest.raises((ValueError, ArithmeticError, OSError)):
        time_reader(form)(text)


@pytest.mark.parametrize(
    ("field", "cell", "value"),
    [
        ("c", " x ", "x"), ("c", "  ", None),
        ({"column": "c", "type": "integer"}, "3.0", 3),
        ({"column": "c", "type": "decimal", "absolute": True}, "(1.50)", 1.5),
        ({"column": "c", "type": "boolean"}, "是", True),
        ({"column": "c", "type": "date"}, "1990年1月2日", "1990-01-02"),
        ({"column": "c", "type": "time"}, "2026-01-02 03:04:05", "2026-01-02T03:04:05+08:00"),
        ({"column": "c", "type": "time", "zone": "Europe/Berlin"}, "2026-07-02 03:04:05", "2026-07-02T03:04:05+02:00"),
        ({"column": "c", "map": {"男": "male"}}, "男", "male"), ({"column": "c", "map": {"男": "male"}}, "?", "?"),
        ({"column": "c", "default": "none"}, "", "none"), ({"column": "c", "default": 0, "type": "integer"}, "", 0),
        ({"column": "c", "prefix": "mall-1/"}, "s7", "mall-1/s7"),
        ({"join": ["c", "d"]}, "a", "a z"), ({"value": 3}, "", 3), ({"file_name": "-([0-9]+)"}, "", "77"),
    ],
)  # fmt: skip
def test_values(tmp_path, field, cell, value):
    """Each way of reading a field."""
    path = written(tmp_path / "f-77.csv", "c,d,e", f'"{cell}",z,.')
    (event,) = events(path, mapping({"data": {"x.y": field}}))
    assert event["data"] == ({"x": {"y": value}} if value is not None else {})


def test_fields_of_the_catalogue_are_read_as_it_wants_them(tmp_path):
    """Amounts are numbers, leave is yes or no, birthdays are dates; identifiers stay text, with their zeros."""
    path = written(tmp_path / "f.csv", "a,g,b,m", '"1,000.00",是,1990/1/2,007')
    fields = {"total": "a", "granted": "g", "traits.birthday": "b"}
    (event,) = events(path, mapping({"data": fields, "ids": {"member_id": "m"}}))
    assert event["data"] == {"total": 1000.0, "granted": True, "traits": {"birthday": "1990-01-02"}}
    assert event["ids"] == {"member_id": "007"}


def test_consecutive_rows_of_an_order_are_its_lines(tmp_path):
    """Rows that do not count part no order; sums are exact; the next order begins with the next number."""
    rows = ["1,A,0.10,ok", "1,B,0.20,void", "1,C,0.20,ok", "2,A,5,ok"]
    path = written(tmp_path / "f.csv", "o,s,a,state,t", *(f"{row},{TIME}" for row in rows))
    by = mapping(ORDER, group=["o"], where=[{"column": "state", "op": "ne", "value": "void"}])
    one, two = events(path, by)
    assert (one["event_id"], two["event_id"]) == ("m:1:order.completed", "m:2:order.completed")
    assert [line["sku"] for line in one["data"]["lines"]] == ["A", "C"]
    assert (one["data"]["total"], one["data"]["articles"]) == (0.3, 2)
    (chunk,) = chunks(path, by)
    assert b'"total":0.30' in chunk.body
    assert (chunk.rows, chunk.skipped, chunk.last) == (4, 1, 5)


def test_an_order_with_a_bad_row_is_refused_whole(tmp_path):
    """With the place of the line in the event; a part of an order would be a wrong order."""
    path = written(tmp_path / "f.csv", "o,s,a,t", f"1,A,1,{TIME}", f"1,B,x,{TIME}", f"1,C,1,{TIME},9", f"2,A,1,{TIME}")
    by = mapping({**ORDER, "data": {"order_id": "o"}}, group=["o"])
    assert [event["data"]["order_id"] for event in events(path, by)] == ["2"]
    assert refusals(path, by)[0][:2] == (2, "unreadable")
    path = written(tmp_path / "f.csv", "o,s,a,t", f"1,A,1,{TIME}", f"1,B,x,{TIME}")
    assert refusals(path, by) == [(2, "invalid_value", "/data/lines/1/amount", "a should be a number such as 268.00.")]


def test_a_group_without_end_is_refused_in_parts(tmp_path):
    """So that memory stays flat; none of its rows is taken, not even those of the last part."""
    many = 2 * MOST_ROWS_OF_A_GROUP + 10
    path = written(tmp_path / "f.csv", "o,s,a,t", *(f"1,A,1,{TIME}" for _ in range(many)), f"2,A,1,{TIME}")
    by = mapping(ORDER, group=["o"])
    (chunk,) = chunks(path, by)
    assert len(chunk.events) == 1
    assert sum(len(group.lines) for group, why in chunk.refused if why.code == "too_large") == many


def test_conditions(tmp_path):
    """Compared as numbers where the value is one; on an empty cell only `missing` holds."""
    path = written(tmp_path / "f.csv", "c,d", "10,.", '"1,000",.', "x,.", ",.")

    def found(**condition: Any) -> list[str]:
        by = mapping({"data": {"c": "c"}}, where=[{"column": "c", **condition}])
        return [event["data"].get("c", "") for event in events(path, by)]

    assert found(op="gt", value=10) == ["1,000"]
    assert found(op="lte", value=10) == ["10"]
    assert found(value=1000) == ["1,000"]
    assert found(value="10") == ["10"]
    assert found(op="ne", value="x") == ["10", "1,000"]
    assert found(op="in", value=["x", 10]) == ["10", "x"]
    assert found(op="not_in", value=["x", 10]) == ["1,000"]
    assert found(op="exists") == ["10", "1,000", "x"]
    assert found(op="missing") == [""]


def test_ids_are_of_the_key_or_of_file_and_row(tmp_path):
    """The same content under another name has the same ids, and all of a file is one batch; a key needs no file."""
    rows = ["k,l", "a:b,1", "c,2"]
    one, two = (written(tmp_path / name, *rows) for name in ("one.csv", "two.csv"))
    assert events(one, mapping({})) == events(two, mapping({}))
    batch = events(one, mapping({}))[0]["batch"]
    assert [event["event_id"] for event in events(one, mapping({}))] == [f"{batch}:{row}:custom.row" for row in (2, 3)]
    keyed = events(one, mapping({"name": "x"}, key=["k", "l"]))
    assert [event["event_id"] for event in keyed] == ["m:a%3Ab:1:x", "m:c:2:x"]
    assert "batch" not in keyed[0]
    (long,) = events(written(tmp_path / "l.csv", "k,l", f"{'x' * 300},1"), mapping({}, key=["k"]))
    assert len(long["event_id"]) <= 200


def test_a_changed_row_may_be_a_new_event(tmp_path):
    """One that did not change is the same event tomorrow, too; one that changed back is an event again."""
    by = mapping({"occurred_at": "t", "data": {"city": "c"}}, key=["k"], changed_rows="new_event")
    days = [("a,A,1", "b,A,1"), ("a,A,1", "b,B,2"), ("a,A,1", "b,A,3")]
    found = []
    for number, rows in enumerate(days):
        path = written(tmp_path / f"{number}.csv", "k,c,t", *(f"{row[:-1]}2026-11-2{row[-1]}" for row in rows))
        found.append([event["event_id"] for event in events(path, by)])
    unchanged, changed = zip(*found, strict=True)
    assert (len(set(unchanged)), len(set(changed))) == (1, 3)


def test_rows_that_cannot_be_events_say_why(tmp_path):
    """With a pointer into the event, and the column by its name."""
    path = written(tmp_path / "f.csv", "k,时间", "a,", "b,gestern", f",{TIME}", f"{'x' * 40_000},{TIME}")
    by = mapping({"occurred_at": "时间", "data": {"k": "k"}}, key=["k"])
    assert [(row, code, pointer) for row, code, pointer, _ in refusals(path, by)] == [
        (2, "missing_field", "/occurred_at"),
        (3, "invalid_time", "/occurred_at"),
        (4, "missing_field", "/event_id"),
        (5, "too_large", ""),
    ]
    assert refusals(path, by)[1][3].startswith("时间 should be a time such as")


def test_a_file_without_the_columns_is_refused_with_all_that_are_missing(tmp_path):
    """And the name that comes nearest."""
    path = written(tmp_path / "f.csv", "手机号,a", "1,2")
    with pytest.raises(BadFile) as caught:
        events(path, mapping({"ids": {"phone": "手机"}, "data": {"x": "nowhere"}}))
    assert "no column '手机'; did you mean '手机号'?" in caught.value.message
    assert "no column 'nowhere': it has 手机号, a." in caught.value.message
    with pytest.raises(BadFile, match="not named as the mapping expects"):
        events(path, mapping({"occurred_at": {"file_name": "([0-9]{8})"}}))


def test_chunks_stay_small(tmp_path):
    """However many rows there are, and also when none of them counts."""
    path = written(tmp_path / "f.csv", "c,d", *("1,2" for _ in range(2 * MOST_ROWS + 1)))
    assert [chunk.rows for chunk in chunks(path, mapping({}))] == [MOST_ROWS - 10, MOST_ROWS - 10, 21]
    by = mapping({}, where=[{"column": "c", "value": 2}])
    assert [chunk.skipped for chunk in chunks(path, by)] == [MOST_ROWS, MOST_ROWS, 1]
