"""The command against a platform that runs: killed, started again, twice at once; each order is there once."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest

from tests.conftest import StartPlatform
from tests.pulling.orders import Json, pinduoduo_order, pinduoduo_refund, taobao_refund, taobao_trade
from tests.pulling.standin import SECRET, TOKEN, PinduoduoStandIn, StandIn, TaobaoStandIn, beijing, serving
from tests.stack.platforms import Platform
from tests.stack.processes import Process
from tests.stack.waiting import until

pytestmark = pytest.mark.platform

SOURCES = ("pdd-shop", "tb-shop")
NOW = datetime.now(UTC).replace(microsecond=0)


def ago(minutes: int) -> str:
    return beijing(NOW - timedelta(minutes=minutes))


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> Platform:
    """A platform with both shops as sources."""
    hashes = {sha256(name.encode()).hexdigest(): name for name in SOURCES}
    return start_platform(CDP_WRITE_KEY_HASHES=json.dumps(hashes))


@pytest.fixture
def pdd() -> Iterator[StandIn]:
    with serving(PinduoduoStandIn()) as standin:
        yield standin


@pytest.fixture
def taobao() -> Iterator[StandIn]:
    with serving(TaobaoStandIn()) as standin:
        yield standin


def command(platform: Platform, directory: Path, name: str, said: Json, *more: str) -> Process:
    """`cdp pull`, as an operator starts it: what is secret stands in its environment."""
    which, source = next(iter(said)), SOURCES["taobao" in said]
    env = {
        **platform.env,
        "CDP_CHANNELS": json.dumps({source: said}),
        "CDP_WRITE_KEYS": json.dumps({each: each for each in SOURCES}),
        "CDP_DATA_DIR": str(directory / "data"),
    }
    since = (NOW - timedelta(hours=3)).isoformat()
    argv = [sys.executable, "-m", "deploy.cli", "pull", which, "--source", source, *(more or ("--since", since))]
    return Process(name, lambda: argv, lambda: True, directory, env)


def ended(process: Process) -> int:
    """How it ended by itself."""
    until(lambda: not process.alive, f"{process.name} ends")
    assert process._popen is not None
    return process._popen.returncode


def _stands(platform: Platform, address: str, count: int, amount: str) -> bool:
    """Whether so many orders of so much count."""
    answer = platform.get(f"/v1/profiles/{address}")
    found: Json = answer.json()["orders"] if answer.status_code == 200 else {}
    return (found.get("count"), found.get("net_amount")) == (count, amount)


def test_a_pull_that_is_killed_goes_on(platform: Platform, pdd: StandIn, tmp_path: Path) -> None:
    """Killed after ingest had a window's orders and before it was kept, then started twice: each order counts once."""
    pdd.orders = [
        pinduoduo_order(f"o-{place}", ago(5 + 6 * place), created_time=ago(300), pay_time=ago(299),
                        open_address_id=f"addressee-{place % 3}")
        for place in range(28)
    ]  # fmt: skip
    pdd.refunds = [pinduoduo_refund("o-0", ago(40))]
    said = {"client_id": "client-7", "client_secret": SECRET, "access_token": TOKEN, "url": pdd.url}
    pdd.hold_at = 8
    first = command(platform, tmp_path, "first", {"pinduoduo": said})
    first.spawn()
    assert pdd.holds.wait(60), first.log
    first.kill()
    pdd.go_on.set()
    again = [command(platform, tmp_path, name, {"pinduoduo": said}, "--once") for name in ("second", "third")]
    for each in again:
        each.spawn()
    assert [ended(each) for each in again] == [0, 0], [each.log for each in again]
    assert pdd.asked[8]["start_updated_at"] == pdd.asked[6]["start_updated_at"] > pdd.asked[0]["start_updated_at"]
    expected = {0: (10, "2669.00"), 1: (9, "2412.00"), 2: (9, "2412.00")}
    for place, (count, amount) in expected.items():
        address = f"oaid:pdd-shop%2Faddressee-{place}"
        until(partial(_stands, platform, address, count, amount), f"{count} orders and {amount} of {address}")
        placed = platform.ask(f"/v1/profiles/{address}/events", type="order.placed", limit="200")["data"]
        assert len(placed) == len({each["data"]["order_id"] for each in placed}) == count
    assert platform.ask("/v1/dead-letters")["data"] == []
    shown = "".join(each.log for each in (first, *again))
    assert '"event": "pulled"' in shown
    assert "hush" not in shown


def test_a_shop_on_taobao(platform: Platform, taobao: StandIn, tmp_path: Path) -> None:
    """A buyer's trades and refund are in the profile; a session that has expired ends the command with what to do."""
    trades = [taobao_trade(700 + place, ago(20 + place), created=ago(300), pay_time=ago(299)) for place in range(3)]
    taobao.orders = [{**each, "buyer_open_uid": "AAHk-7"} for each in trades]
    taobao.refunds = [taobao_refund(700, ago(10))]
    said = {"app_key": "12345678", "app_secret": SECRET, "session": TOKEN, "url": taobao.url}
    process = command(platform, tmp_path, "taobao", {"taobao": said}, "--once", "--since", ago_rfc(60))
    process.spawn()
    assert ended(process) == 0, process.log
    until(partial(_stands, platform, "ouid:tb-shop%2FAAHk-7", 3, "734.00"), "all trades and the refund count")
    stale = command(platform, tmp_path, "stale", {"taobao": {**said, "session": "hush-stale"}}, "--once")
    stale.spawn()
    assert ended(stale) == 1
    assert "Authorize the shop anew" in stale.log
    assert "hush" not in stale.log + process.log


def ago_rfc(minutes: int) -> str:
    return (NOW - timedelta(minutes=minutes)).isoformat()
