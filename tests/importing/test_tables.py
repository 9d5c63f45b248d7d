"""Files as tables: encodings, delimiters, quotes; Excel and Parquet as the text a CSV file would have."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from ingest.files.opening import look, open_table
from ingest.files.tables import named
from schemas.errors import BadFile
from tests.importing.files import mapping, written

BY = mapping({})


def rows(path: Path, **layout: Any) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Names of columns, and rows with their numbers; those that are wrong say so."""
    by = mapping({}, **layout)
    table = open_table(look(path, by), by)
    found = [(line.number, [line.wrong.code] if line.wrong else line.row) for line in table.rows]
    table.close()
    return list(table.columns), found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings_are_found(tmp_path, encoding):
    """UTF-8 with and without its mark, and GB18030 beyond GBK, are read alike without being told."""
    path = written(tmp_path / "a.csv", "姓名,城市", "王芳,𠮷林", encoding=encoding)
    assert rows(path) == (["姓名", "城市"], [(2, ["王芳", "𠮷林"])])


def test_an_encoding_can_be_said(tmp_path):
    """A short text may be valid in both; bytes that are none of the encoding said stay, for the file of rejects."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,\xb3\xc7\n2,\xff\n")
    with pytest.raises(BadFile, match="neither UTF-8 nor GB18030"):
        rows(path)
    assert rows(path, encoding="gb18030")[1] == [(2, ["1", "城"]), (3, ["2", "\udcff"])]


def test_utf_16_is_refused_with_advice(tmp_path):
    """What Excel calls Unicode text."""
    path = written(tmp_path / "a.csv", "a,b", encoding="utf-16")
    with pytest.raises(BadFile, match="Save it as CSV UTF-8"):
        rows(path)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found(tmp_path, delimiter):
    """By the header, where what stands in quotes does not count."""
    path = written(tmp_path / "a.csv", f'"x,;,;,"{delimiter}b', f"1{delimiter}2")
    assert rows(path) == (["x,;,;,", "b"], [(2, ["1", "2"])])


def test_rows_are_numbered_as_a_spreadsheet_does(tmp_path):
    """Titles and blank rows count, but are not given; a row within quotes is one; short rows are filled up."""
    path = written(tmp_path / "a.csv", "Title", " a ,a,,", '"1\nx",2,3,4', "", "5")
    columns, found = rows(path, header=2)
    assert columns == ["a", "a (2)", "column 3", "column 4"]
    assert found == [(3, ["1\nx", "2", "3", "4"]), (5, ["5", "", "", ""])]


def test_rows_that_cannot_be_read_are_rejected_alone(tmp_path):
    """More cells than columns, and a cell beyond all measure; empty cells too many harm nobody."""
    path = written(tmp_path / "a.csv", "a,b", "1,2,3", "4,5,,", f"{'x' * 200_000},1", "6,7")
    assert rows(path)[1] == [(2, ["unreadable"]), (3, ["4", "5"]), (4, ["unreadable"]), (5, ["6", "7"])]


def test_a_file_without_header_is_refused(tmp_path):
    """Empty, or shorter than its titles."""
    for text, header in (("", 1), ("a\n", 3), ("\n1,2\n", 1)):
        (tmp_path / "a.csv").write_text(text)
        with pytest.raises(BadFile):
            rows(tmp_path / "a.csv", header=header)


def test_excel(tmp_path):
    """Numbers without dust, times and dates as ISO 8601; blank rows left out; the sheet by its name."""
    book = Workbook()
    sheet = book.create_sheet("数据")
    sheet.append(["编号", "价格", "时间", "是否", None])
    sheet.append([13800138000, 0.1 + 0.2, dt.datetime(2026, 11, 22, 8, 0), True])
    sheet.append([])
    sheet.append([1.0, 1e-7, dt.date(2026, 1, 2), None])
    book.save(tmp_path / "a.xlsx")
    columns, found = rows(tmp_path / "a.xlsx", sheet="数据")
    assert columns == ["编号", "价格", "时间", "是否"]
    assert found[0] == (2, ["13800138000", "0.3", "2026-11-22 08:00:00", "true"])
    assert found[1] == (4, ["1", "0.0000001", "2026-01-02 00:00:00", ""])
    with pytest.raises(BadFile, match="it has Sheet, 数据"):
        rows(tmp_path / "a.xlsx", sheet="none")


def test_excel_whose_size_is_written_wrongly(tmp_path):
    """Some programs write A1 as the size of every sheet: all of it is read all the same."""
    book = Workbook()
    assert book.active is not None
    for row in (["a", "b"], [1, 2], [3, 4]):
        book.active.append(row)
    book.save(tmp_path / "whole.xlsx")
    with ZipFile(tmp_path / "whole.xlsx") as whole, ZipFile(tmp_path / "a.xlsx", "w") as cut:
        for name in whole.namelist():
            cut.writestr(name, whole.read(name).replace(b'ref="A1:B3"', b'ref="A1"'))
    assert rows(tmp_path / "a.xlsx") == (["a", "b"], [(2, ["1", "2"]), (3, ["3", "4"])])


def test_parquet(tmp_path):
    """Typed columns as text, decimals exact; columns of lists are refused."""
    table = pa.table({"n": [1, None], "d": [Decimal("1.50"), None], "t": [dt.datetime(2026, 1, 2, 3), None]})
    pq.write_table(table, tmp_path / "a.parquet")
    columns, found = rows(tmp_path / "a.parquet")
    assert columns == ["n", "d", "t"]
    assert found == [(2, ["1", "1.50", "2026-01-02 03:00:00"]), (3, ["", "", ""])]
    pq.write_table(pa.table({"l": [[1]]}), tmp_path / "b.parquet")
    with pytest.raises(BadFile, match=r"lists or objects \(l\)"):
        rows(tmp_path / "b.parquet")


@pytest.mark.parametrize("name", ["a.xlsx", "a.parquet", "a.xls", "a"])
def test_what_is_no_table_is_refused_with_advice(tmp_path, name):
    """Files that are not what their suffix says, or that have none."""
    (tmp_path / name).write_bytes(b"nothing of the kind")
    with pytest.raises(BadFile):
        rows(tmp_path / name)


def test_names_of_columns_are_different():
    """The second of a name is told apart, even from one that is called so."""
    assert named(["a", "a (2)", "a"]) == ["a", "a (2)", "a (3)"]
