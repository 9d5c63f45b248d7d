"""Uploaded files: every row's fate in the answer, limits on everything, and the same events as `cdp import` makes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook
from starlette.testclient import TestClient

from ingest import uploads
from ingest.uploads import safe_name
from schemas.mapping import read_mapping
from schemas.topics import catalogue
from tests.importing.files import chunks
from tests.ingest.fakes import FakeLog, Hands, Start

EVENTS = catalogue()["events"].name
LETTERS = catalogue()["dead_letters"].name
MAPPING = """
name: till
key: [单号]
events:
  - {type: order.paid, occurred_at: 时间, ids: {customer_no: 会员}, data: {order_id: 单号, amount: 金额}}
"""
ROWS = [f"{number},M{number % 7},{number}.50,2026-11-20 08:00:00" for number in range(30)]
CSV = "\n".join(["单号,会员,金额,时间", *ROWS, ""]).encode("gb18030")


def post(client: TestClient, content: bytes = CSV, name: str = "sales.csv", mapping: str = MAPPING) -> Any:
    return client.post("/v1/imports", files={"file": (name, content)}, data={"mapping": mapping})


def test_an_uploaded_file_is_the_events_an_imported_one_is(client: TestClient, log: FakeLog, tmp_path: Path) -> None:
    """Byte for byte, so whichever way a file comes, and how often, each row counts once."""
    answer = post(client)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert (said["rows"], said["imported"], said["accepted"], said["rejects"]) == (30, 30, 30, [])
    assert said["position"]
    file = tmp_path / "sales.csv"
    file.write_bytes(CSV)
    sent = sorted(log.values(EVENTS))
    assert sent == sorted(event for chunk in chunks(file, read_mapping(MAPPING)) for event in chunk.events)
    assert post(client).json()["accepted"] == 30
    assert sorted(log.values(EVENTS)) == sorted(sent * 2)


def test_every_row_that_is_refused_is_told_with_its_column(client: TestClient, log: FakeLog) -> None:
    """What cannot be translated, and what ingest refuses, which is a dead letter, too."""
    bad = CSV + "X1,M1,so viel,2026-11-20 08:00:00\nX2,M1,1.00,2099-11-20 08:00:00\n".encode("gb18030")
    said = post(client, bad).json()
    assert (said["rows"], said["imported"], said["rejected"], said["accepted"]) == (32, 30, 2, 30)
    told = [(each["row"], each["column"]) for each in said["rejects"]]
    assert told[0] == (32, "金额")
    assert [row for row, _ in told] == [32, 33]
    assert len(log.values(LETTERS)) == said["refused"] == 1


def test_a_mapping_may_be_a_file_and_the_table_excel(client: TestClient) -> None:
    """As `curl -F mapping=@till.yaml -F file=@sales.xlsx` sends it."""
    book, out = Workbook(), io.BytesIO()
    assert book.active is not None
    for row in (["单号", "会员", "金额", "时间"], ["1", "M1", 12.5, "2026-11-20 08:00:00"]):
        book.active.append(row)
    book.save(out)
    parts = {"file": ("sales.xlsx", out.getvalue()), "mapping": ("till.yaml", MAPPING.encode())}
    answer = client.post("/v1/imports", files=parts)
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1), answer.text


@pytest.mark.parametrize(
    ("content", "name", "mapping", "status", "code"),
    [
        (CSV, "sales.doc", MAPPING, 400, "unreadable_file"),
        (b"a,b\n1,2\n", "sales.csv", MAPPING, 400, "unreadable_file"),
        (b"no zip", "sales.xlsx", MAPPING, 400, "unreadable_file"),
        (b"no parquet", "sales.parquet", MAPPING, 400, "unreadable_file"),
        (CSV, "sales.csv", "name: [", 422, "invalid_value"),
        (CSV, "sales.csv", MAPPING.replace("name: till", "nam: till"), 422, "invalid_value"),
    ],
)
def test_what_cannot_be_imported_says_why(
    client: TestClient, content: bytes, name: str, mapping: str, status: int, code: str
) -> None:
    """The file, its columns, or the mapping, with a pointer into the mapping."""
    answer = post(client, content, name, mapping)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    if code == "invalid_value":
        assert answer.json()["errors"][0]["message"]


def test_a_request_that_is_no_upload_says_what_one_is(client: TestClient) -> None:
    """Another content type, a part that is missing, a body that is cut off."""
    for answer in (
        client.post("/v1/imports", content=CSV),
        client.post("/v1/imports", files={"file": ("a.csv", CSV)}),
        client.post("/v1/imports", data={"mapping": MAPPING}, files={"other": ("a.csv", CSV)}),
        client.post("/v1/imports", content=b"--x\r\nCont", headers={"Content-Type": "multipart/form-data; boundary=x"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (400, "unreadable_body")
    without = client.post("/v1/imports", files={"file": ("a.csv", CSV)}, headers={"Authorization": "Bearer nobody"})
    assert without.status_code == 401


def test_a_file_has_limits(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes as sent, bytes as unpacked, and rows."""
    client = start(upload_bytes=2**20)
    large = post(client, CSV + b"x" * 2**20)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 2**22)
    monkeypatch.setattr(uploads, "MAX_UNPACKED_BYTES", 2**21)
    bomb = post(client, packed.getvalue(), "bomb.xlsx")
    column = io.BytesIO()
    pq.write_table(pa.table({"a": [f"{number:09}" * 50 for number in range(9000)]}), column, compression="zstd")
    packed_rows = post(client, column.getvalue(), "bomb.parquet")
    monkeypatch.setattr(uploads, "MAX_ROWS", 10)
    long = post(client)
    answers = [(each.status_code, each.json()["code"]) for each in (large, bomb, packed_rows, long)]
    assert answers == [(413, "payload_too_large")] * 4


def test_a_file_goes_at_the_pace_of_its_key(start: Start, log: FakeLog, hands: Hands) -> None:
    """What would be refused elsewhere waits here; and whoever comes after the file has to wait for it."""
    client = start(rate=10)
    assert post(client).json()["accepted"] == 30
    assert client.post("/v1/events", content=b"{}").status_code == 429
    hands.seconds += 60
    assert client.post("/v1/events", content=b"{}").status_code == 422


def test_kafka_away_is_said(client: TestClient, log: FakeLog) -> None:
    """Then the file is sent again."""
    log.away = True
    answer = post(client)
    assert (answer.status_code, answer.json()["code"]) == (503, "kafka_unavailable")


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("../../etc/passwd.csv", "passwd.csv"), ("C:\\shop\\销售.csv", "销售.csv"), ("", "upload"), (None, "upload"),
        ("a\0b\n.csv", "a_b_.csv"), ("x" * 300 + ".csv", "x" * 96 + ".csv"),
    ],
)  # fmt: skip
def test_a_name_is_never_a_path(said: str | None, name: str) -> None:
    """Whatever a client calls its file."""
    assert safe_name(said) == name
