"""Files, imported as the page says and as the examples are: what they tell is in the profiles, exactly once."""

from __future__ import annotations

import csv
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from deploy.cli.__main__ import build
from tests.house.repository import ROOT, text
from tests.stack.platforms import Json, Platform
from tests.stack.waiting import until

pytestmark = pytest.mark.platform

EXAMPLES = ROOT / "deploy/examples"
CDP = (sys.executable, "-m", "deploy.cli")
ROWS = 24_000


def door(platform: Platform, source: str, data: Path) -> list[str]:
    """The options that lead to this platform."""
    return ["--url", platform.ingest_url, "--key", source, "--source", source, "--data-dir", str(data)]


def cdp(*arguments: object, expected: int = 0) -> str:
    """What the command says to people."""
    done = CliRunner().invoke(build(), list(map(str, arguments)))
    assert done.exit_code == expected, (done.output, done.exception)
    return " ".join(done.stderr.split())


def position(said: str) -> str:
    """The position that an import ends with."""
    return str(re.findall(r"Position: (\S+)", said)[-1])


def typed(which: str, platform: Platform, data: Path) -> str:
    """A block of the page, at this platform."""
    block = re.search(rf"<!-- {which} -->\n```bash\n(.*?)```", text("docs/channels/files.md"), re.DOTALL)
    assert block is not None, which
    options = f"--url {platform.ingest_url} --key pos --data-dir {data}"
    command = block[1].replace("--source pos", f"--source pos {options}")
    for address, here in (("http://127.0.0.1:8801", platform.api_url), ("http://127.0.0.1:8800", platform.ingest_url)):
        command = command.replace(address, here)
    command = command.replace(".venv/bin/cdp", " ".join(CDP)).replace("rejects.csv", str(data / "rejects.csv"))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=ROOT, env={**os.environ, "API_KEY": "all", "WRITE_KEY": "pos"}, capture_output=True, text=True, timeout=90,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_page_and_the_refunds_of_an_erp(platform: Platform, tmp_path: Path) -> None:
    """Sales of a till are in the profile as the page says; the ERP's refunds, in GB18030, are taken from them."""
    assert '"order_id": "S1001"' in typed("preview", platform, tmp_path)
    rejects = typed("import", platform, tmp_path)
    assert [line[:4] for line in csv.reader(rejects.splitlines()[1:])] == [
        ["7", "invalid_time", "/occurred_at", "日期, 时间"], ["8", "invalid_value", "/data/total", "实收金额"],
    ]  # fmt: skip

    def sold() -> Json:
        answer: Json = orjson.loads(typed("ask", platform, tmp_path))
        return answer if answer.get("orders", {}).get("refund_count") else {}

    orders = until(sold, "the sales are in the profile")["orders"]
    uploaded = orjson.loads(typed("upload", platform, tmp_path))
    assert [each["row"] for each in uploaded["rejects"]] == [7, 8]
    assert platform.ask("/v1/profiles/member_id:M-1001", after=uploaded["position"])["orders"] == orders
    assert (orders["count"], orders["net_amount"], orders["refunded_amount"]) == (1, "1448.00", "180.00")

    refunds = [EXAMPLES / "refunds-202611.csv", "--mapping", EXAMPLES / "erp-refunds.yaml"]
    kept = ["--rejects", tmp_path / "refunds.csv"]
    said = cdp("import", *refunds, *kept, *door(platform, "erp", tmp_path), expected=1)
    assert "4 rows: 2 imported, 1 passed over, 1 rejected" in said
    one, two = (platform.ask(f"/v1/profiles/member_id:{who}", after=position(said)) for who in ("M-1001", "M-1002"))
    assert [each["orders"]["net_amount"] for each in (one, two)] == ["1213.50", "100.00"]
    again = cdp("import", *refunds, *kept, *door(platform, "erp", tmp_path), "--again", expected=1)
    assert platform.ask("/v1/profiles/member_id:M-1001", after=position(again))["orders"] == one["orders"]


def test_members_dropped_into_a_folder(platform: Platform, tmp_path: Path) -> None:
    """Tonight's list says only what has changed since; rejects lie beside the file that was put away."""
    folder, data = tmp_path / "drop", tmp_path / "data"
    folder.mkdir()
    shutil.copy(EXAMPLES / "members-20261122.csv", folder)
    watching = ["watch", folder, "--mapping", EXAMPLES, "--settle", "0.2", "--once", *door(platform, "crm", data)]
    assert "4 rows, 1 rejected" in cdp(*watching)
    later = (EXAMPLES / "members-20261122.csv").read_text("utf-8").replace("上海,是,2026-11-20", "苏州,否,2026-11-22")
    (folder / "members-20261123.csv").write_text(later, "utf-8")
    cdp(*watching)
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("members*")}
    assert names == {f"done/members-2026112{day}.csv{end}" for day in (2, 3) for end in ("", ".rejects.csv")}

    def moved() -> Json:
        answer = platform.get("/v1/profiles/member_id:M-2001")
        found: Json = answer.json() if answer.status_code == 200 else {}
        values = {each["value"] for each in found.get("identifiers", ())}
        is_whole = values == {"M-2001", "+8613800138101", "wang.fang@example.com"}
        return found if is_whole and found["traits"].get("city") == "苏州" else {}

    dossier = until(moved, "the second list is in the profile, with all identifiers")
    assert dossier["traits"]["birthday"] == "1990-01-02"
    timeline = platform.ask("/v1/profiles/member_id:M-2002/events")["data"]
    assert sorted(each["type"] for each in timeline) == ["consent.changed", "customer.identified"]


def test_a_survey_from_excel(platform: Platform, tmp_path: Path) -> None:
    """Answers and scores; a score beyond its scale is refused by ingest, and the row says so."""
    asked = ["import", EXAMPLES / "survey.xlsx", "--mapping", EXAMPLES / "survey.yaml", "--rejects", tmp_path / "r.csv"]
    said = cdp(*asked, *door(platform, "survey", tmp_path), expected=1)
    dossier = platform.ask("/v1/profiles/phone:%2B8613800138201", after=position(said))
    assert dossier["feedback"]["nps_last"] == 9
    assert "nps" in (tmp_path / "r.csv").read_text("utf-8-sig")
    letters = platform.ask("/v1/dead-letters", source="survey", after=position(said))["data"]
    assert [(each["event_id"], each["code"]) for each in letters] == [("survey:A-3:nps", "invalid_value")]


def test_an_import_that_was_killed_ends_as_exactly_the_file(platform: Platform, tmp_path: Path) -> None:
    """SIGKILL in the middle, and again: each row is one event, however often it was sent, and each bad one a reject."""
    file, by = tmp_path / "big.csv", tmp_path / "big.yaml"
    rows = (f"B{n},M{n % 50},{'?' if n % 4000 == 5 else f'{n % 90}.25'},2026-11-22 08:00:00" for n in range(ROWS))
    file.write_text("\n".join(["单号,会员,金额,时间", *rows, ""]), "utf-8")
    by.write_text("""
name: big
key: [单号]
events:
  - {type: order.paid, occurred_at: 时间, ids: {customer_no: 会员}, data: {order_id: 单号, amount: 金额}}
""", "utf-8")  # fmt: skip
    command = ["import", file, "--mapping", by, *door(platform, "till", tmp_path / "data")]
    process = subprocess.Popen([*CDP, *map(str, command)], cwd=ROOT, stderr=subprocess.DEVNULL)
    until(lambda: checkpoint(tmp_path), "a first chunk is through")
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not checkpoint(tmp_path)["finished"], "it was too quick to be killed"
    said = cdp(*command, expected=1)
    assert f"{ROWS:,} rows: {ROWS - 6:,} imported, 0 passed over, 6 rejected" in said
    platform.ask("/v1/profiles/customer_no:M1", after=position(said))
    with closing(platform.database()) as database:
        row = database.one("""
            SELECT uniqExact(event_id) AS ids, uniqExact(topic, log_partition, log_offset, log_index) AS facts
            FROM events WHERE source = 'till'
        """)
    assert row == {"ids": ROWS - 6, "facts": ROWS - 6}
    with (tmp_path / "big.csv.rejects.csv").open(encoding="utf-8-sig") as rejects:
        assert [int(line["cdp_row"]) for line in csv.DictReader(rejects)] == [7 + 4000 * n for n in range(6)]


def checkpoint(folder: Path) -> Json:
    """How far the import is."""
    for path in (folder / "data/imports").glob("*.json"):
        found: Json = orjson.loads(path.read_bytes())
        return found
    return {}
