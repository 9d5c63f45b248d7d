"""Guessing: from headers in Chinese and English to a mapping that works."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli.__main__ import build
from deploy.importing.guess.guessing import guess
from deploy.importing.previewing import Preview
from schemas.door import Door
from schemas.mapping import Mapping, read_mapping
from tests.house.repository import ROOT
from tests.importing.files import Json, events, written

EXAMPLES = ROOT / "deploy/examples"


def guessed(path: Path, *rows: str) -> tuple[Mapping, list[Json]]:
    """The mapping proposed for a file of these rows, and what comes of them by it."""
    written(path, *rows)
    columns, *cells = [row.split(",") for row in rows]
    mapping = read_mapping(guess(path, columns, cells))
    return mapping, events(path, mapping)


def test_sales_in_english(tmp_path):
    """Lines of an order are grouped; a day first is found out; identifiers and amounts are where they belong."""
    mapping, found = guessed(
        tmp_path / "sales-2026-11.csv", "Order No.,Order Date,Customer Phone,Item Code,Qty,Amount",
        "1,22/11/2026,13800138000,A,1,10.50", "1,22/11/2026,13800138000,B,2,20.00", "2,01/11/2026,,A,1,1",
    )  # fmt: skip
    assert (mapping.group, mapping.files) == (["Order No."], ["sales-*.csv"])
    assert [event["type"] for event in found] == ["order.completed"] * 2
    assert found[0]["occurred_at"] == "2026-11-22T00:00:00+08:00"
    assert found[0]["ids"] == {"phone": "13800138000"}
    assert found[0]["data"]["total"] == 30.5
    assert [line["sku"] for line in found[0]["data"]["lines"]] == ["A", "B"]


def test_orders_without_articles_in_chinese(tmp_path):
    """One row is one order, named by its number; date and time apart are put together."""
    mapping, found = guessed(tmp_path / "f.csv", "订单编号,日期,时间,会员卡号,实付金额", "D1,2026/11/22,8:05,K1,268.00")
    assert mapping.key == ["订单编号"]
    assert found[0]["event_id"] == "sales:D1:order.completed"
    assert found[0]["occurred_at"] == "2026-11-22T08:05:00+08:00"
    assert (found[0]["ids"], found[0]["data"]["lines"]) == ({"card_no": "K1"}, [])


def test_members_whose_time_is_in_the_files_name(tmp_path):
    """Unknown columns are traits; a birthday is not when it happened."""
    _, found = guessed(tmp_path / "members-20261122.csv", "会员号,姓名,性别,生日,喜好", "M1,王芳,女,1990-01-02,香水")
    traits = {"name": "王芳", "gender": "female", "birthday": "1990-01-02", "喜好": "香水"}
    assert (found[0]["type"], found[0]["data"]["traits"]) == ("customer.identified", traits)
    assert found[0]["occurred_at"] == "2026-11-22T00:00:00+08:00"


@pytest.mark.parametrize("name", ["pos-sales.csv", "members-20261122.csv", "survey.xlsx", "refunds-202611.csv"])
def test_examples_are_guessed_by_the_command(name, tmp_path):
    """What `cdp import FILE --guess` prints is a mapping; by it the file's first events are good ones."""
    done = CliRunner().invoke(build(), ["import", str(EXAMPLES / name), "--guess", "--data-dir", str(tmp_path)])
    assert done.exit_code == 0, done.output
    mapping = read_mapping(done.stdout)
    preview = Preview(mapping, Door("CN"), "pos", "Asia/Shanghai", datetime(2026, 12, 1, tzinfo=UTC))
    seen = preview.of(EXAMPLES / name)
    assert any(each.event and each.wrong is None for each in seen), seen
