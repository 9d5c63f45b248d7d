"""A pull against platforms over real HTTP that check requests and answer as documented; checkpoints in a real Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import orjson
import pytest
import structlog
from pydantic import SecretStr, ValidationError
from starlette.responses import JSONResponse, Response

from deploy.cli.pull import Platform, shop_api
from deploy.errors import CannotPull, CannotReach, NotNow
from deploy.pulling import gateway
from deploy.pulling.checkpoint import Checkpoint
from deploy.pulling.gateway import MOST_BYTES, Gateway
from deploy.pulling.outgoing import Outgoing
from deploy.pulling.platform import ShopApi
from deploy.pulling.pull import Pull
from schemas.channel_settings import ChannelSettings, PinduoduoSettings
from schemas.settings import Settings
from schemas.topics import catalogue
from tests.importing.files import Ingest
from tests.pulling.orders import FACTS, Json, pinduoduo_order, pinduoduo_refund, taobao_refund, taobao_trade
from tests.pulling.standin import (
    SECRET,
    TOKEN,
    PinduoduoStandIn,
    StandIn,
    TaobaoStandIn,
    beijing,
    pdd_error,
    serving,
    top_error,
)
from tests.stack.servers import Kafka

pytestmark = pytest.mark.kafka

NOW = datetime(2026, 11, 30, 12, 0, 0, tzinfo=UTC)
ORDERS = "pdd.order.number.list.increment.get"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in needs no pace."""
    monkeypatch.setattr(gateway, "PACE", 0.0)


@dataclass
class Kept:
    """A checkpoint in memory."""

    until: datetime | None = None
    written: list[datetime] = field(default_factory=list)

    async def read(self) -> datetime | None:
        return self.until

    async def write(self, until: datetime) -> None:
        self.until = until
        self.written.append(until)


@dataclass
class Scene:
    """A shop, an ingest that judges by the real door, and what remembers; time stands at NOW."""

    standin: StandIn
    name: str
    ingest: Ingest = field(default_factory=Ingest)
    kept: Kept = field(default_factory=lambda: Kept(NOW - timedelta(hours=2)))
    waits: list[float] = field(default_factory=list)
    now: datetime = NOW

    def __post_init__(self) -> None:
        self.standin.clock = lambda: self.now

    def changed(self, minutes: float) -> str:
        """Some minutes ago, as the platform writes it."""
        return beijing(self.now - timedelta(minutes=minutes))

    @asynccontextmanager
    async def pull(self, **more: Any) -> AsyncIterator[Pull]:
        """A pull of this scene."""
        api = shop(self.name, self.standin.url, **more)
        async with Gateway(api, lambda: self.now, self.pause) as asked:
            outgoing = Outgoing(self.ingest)
            yield Pull("pos", api, FACTS[self.name], asked, outgoing, self.kept, clock=lambda: self.now)

    def once(self, **more: Any) -> None:
        """Pull up to now."""

        async def run() -> None:
            async with self.pull(**more) as pull:
                await pull.once()

        asyncio.run(run())

    async def pause(self, seconds: float) -> None:
        self.waits.append(seconds)

    def taken(self, kind: str) -> list[Json]:
        """The events of a type that ingest took, each once."""
        found = [orjson.loads(raw) for raw in self.ingest.taken.values()]
        return [each for each in found if each["type"] == kind]


def shop(name: str, url: str, **more: Any) -> ShopApi:
    said = {
        "pinduoduo": {"client_id": "client-7", "client_secret": SECRET, "access_token": TOKEN, "url": url},
        "taobao": {"app_key": "12345678", "app_secret": SECRET, "session": TOKEN, "url": url},
    }
    channels = {"pos": ChannelSettings.model_validate({name: {**said[name], **more}})}
    settings = Settings(_env_file=None, channels=channels)
    return shop_api(settings, Platform(name), "pos")[0]


@pytest.fixture
def pdd() -> Iterator[Scene]:
    with serving(PinduoduoStandIn()) as standin:
        yield Scene(standin, "pinduoduo")


@pytest.fixture
def taobao() -> Iterator[Scene]:
    with serving(TaobaoStandIn()) as standin:
        yield Scene(standin, "taobao")


def test_windows_of_pinduoduo_leave_no_gap(pdd: Scene) -> None:
    """Signed and within what is documented, up to three minutes ago; each is kept when all of it is through."""
    pdd.standin.orders = [pinduoduo_order(f"o-{place}", pdd.changed(place * 20)) for place in range(1, 6)]
    pdd.standin.refunds = [pinduoduo_refund("o-1", pdd.changed(30))]
    pdd.once()
    assert len(pdd.taken("order.placed")) == 5
    assert [each["data"]["amount"] for each in pdd.taken("order.refunded")] == ["11"]
    assert pdd.kept.written[-1] == NOW - timedelta(minutes=3)
    spans = [(int(each["start_updated_at"]), int(each["end_updated_at"])) for each in pdd.standin.lists(ORDERS)]
    assert all(later[0] == earlier[1] - 300 for earlier, later in pairwise(spans))
    assert pdd.ingest.conflicts == []


def test_pages_are_read_from_the_last(pdd: Scene) -> None:
    """So an order that changes meanwhile, and leaves the window, hides no other one."""
    pdd.standin.orders = [pinduoduo_order(f"o-{place}", pdd.changed(20 + place / 60)) for place in range(250)]

    def change(asked: Any) -> None:
        if asked["type"] == ORDERS and asked["page"] == "2":
            pdd.standin.orders[0]["updated_at"] = beijing(NOW)

    pdd.standin.on_page = change
    pdd.once()
    assert {each["data"]["order_id"] for each in pdd.taken("order.placed")} >= {f"o-{place}" for place in range(1, 250)}
    pages = [each["page"] for each in pdd.standin.lists(ORDERS)]
    assert "".join(pages).find("1321") >= 0, pages
    pdd.now = NOW + timedelta(minutes=10)
    pdd.once()
    assert len(pdd.taken("order.placed")) == 250


def test_a_window_that_holds_too_much_is_halved(pdd: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until its parts do not."""
    monkeypatch.setattr("deploy.pulling.pull.MOST_ITEMS", 10)
    pdd.standin.orders = [pinduoduo_order(f"o-{place}", pdd.changed(20 + place / 6)) for place in range(40)]
    pdd.once()
    assert len(pdd.taken("order.placed")) == 40
    spans = [int(each["end_updated_at"]) - int(each["start_updated_at"]) for each in pdd.standin.lists(ORDERS)]
    assert min(spans) < 450


def test_what_was_pulled_again_changes_nothing(pdd: Scene) -> None:
    """Neither within a process, which sends it no second time, nor in another one, whose events are the same."""
    pdd.standin.orders = [pinduoduo_order("o-1", pdd.changed(20))]

    async def twice() -> None:
        async with pdd.pull() as pull:
            await pull.once()
            pdd.kept.until = NOW - timedelta(hours=1)
            await pull.once()

    asyncio.run(twice())
    assert pdd.ingest.requests == 1
    pdd.kept.until = NOW - timedelta(hours=1)
    taken = dict(pdd.ingest.taken)
    pdd.once()
    assert (pdd.ingest.requests, pdd.ingest.taken, pdd.ingest.conflicts) == (2, taken, [])


def test_nothing_is_kept_before_ingest_has_it(pdd: Scene) -> None:
    """An ingest that is away leaves the checkpoint where it was."""
    pdd.standin.orders = [pinduoduo_order("o-1", pdd.changed(80))]
    pdd.ingest = Ingest(dies_after=0)
    with pytest.raises(CannotReach):
        pdd.once()
    assert all(until <= NOW - timedelta(minutes=80) for until in pdd.kept.written)
    pdd.ingest = Ingest()
    pdd.once()
    assert len(pdd.taken("order.placed")) == 1


def test_an_order_that_cannot_be_read_is_kept_by_ingest(pdd: Scene) -> None:
    """As it came, refused; the others land."""
    pdd.standin.orders = [pinduoduo_order("o-1", pdd.changed(20)), pinduoduo_order("", pdd.changed(21))]
    pdd.once()
    assert len(pdd.taken("order.placed")) == 1
    assert pdd.kept.written[-1] == NOW - timedelta(minutes=3)


def test_trades_of_taobao_are_asked_for_one_by_one(taobao: Scene) -> None:
    """The list says which, the details how they are; refunds are a list of their own; empty lists are left out."""
    taobao.standin.orders = [taobao_trade(100 + place, taobao.changed(10 + place)) for place in range(60)]
    taobao.standin.refunds = [taobao_refund(100, taobao.changed(50)), taobao_refund(101, status="WAIT_SELLER_AGREE")]
    taobao.once()
    assert len(taobao.taken("order.placed")) == 60
    assert [each["data"]["order_id"] for each in taobao.taken("order.refunded")] == ["100"]
    ids = taobao.taken("order.updated")[0]["ids"]
    assert set(ids) == {"ouid", "oaid"}
    assert taobao.ingest.conflicts == []


@pytest.mark.parametrize(
    ("which", "answers", "waits"),
    [
        ("pdd", [JSONResponse(pdd_error(70031, "调用过于频繁")), JSONResponse(pdd_error(52101, "限流"))], [1, 2]),
        ("pdd", [JSONResponse(pdd_error(52001, "网关业务服务错误")), Response("busy", 503)], [1, 2]),
        ("pdd", [Response("<html>"), Response("no", 429)], [1, 2]),
        ("taobao", [JSONResponse(top_error(7, "App Call Limited", "accesscontrol.limited-by-api-access-count",
                                           "This ban will last for 9 more seconds"))], [10]),
        ("taobao", [JSONResponse(top_error(15, "Remote service error", "isp.remote-service-timeout"))], [1]),
    ],
)  # fmt: skip
def test_what_passes_is_waited_out(request, which: str, answers: list[Response], waits: list[float]) -> None:
    """As long as the platform says, else longer each time; then nothing is missing."""
    scene: Scene = request.getfixturevalue(which)
    make: Callable[..., Json] = pinduoduo_order if which == "pdd" else taobao_trade
    scene.standin.orders = [make(at=scene.changed(20))]
    scene.standin.first = answers
    scene.once()
    assert scene.waits == waits
    assert len(scene.taken("order.placed")) == 1


def test_patience_has_an_end(pdd: Scene) -> None:
    """After five minutes of no answer the pull stands; a long-running one says so, and tries again later."""
    pdd.standin.first = [JSONResponse(pdd_error(70031, "调用过于频繁"))] * 10
    with pytest.raises(NotNow, match="70031"):
        pdd.once()
    assert 240 < sum(pdd.waits) <= 300
    pdd.standin.first = [JSONResponse(pdd_error(70031, "调用过于频繁"))] * 10
    pauses: list[float] = []

    async def enough(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            raise KeyboardInterrupt

    async def run() -> None:
        async with pdd.pull() as pull:
            await pull.forever(30, enough)

    with structlog.testing.capture_logs() as said, pytest.raises(KeyboardInterrupt):
        asyncio.run(run())
    assert [each["event"] for each in said if each["event"] == "pull_stands"] == ["pull_stands"]
    assert pauses == [60, 30]
    assert pdd.kept.written[-1] == NOW - timedelta(minutes=3)


@pytest.mark.parametrize(
    ("which", "wrong", "sentence"),
    [
        ("pdd", {"access_token": "hush-stale"}, r"10019.*expired.*Authorize the shop anew"),
        ("pdd", {"client_secret": "hush-wrong"}, r"20004.*client_secret"),
        ("taobao", {"session": "hush-stale"}, r"27.*expired.*Authorize the shop anew"),
        ("taobao", {"app_secret": "hush-wrong"}, r"25.*app_secret"),
    ],
)
def test_what_somebody_has_to_mend_is_said_at_once(request, which: str, wrong: Json, sentence: str) -> None:
    """With what to do; no secret is in the sentence, nor in what is logged, whatever the platform wrote."""
    scene: Scene = request.getfixturevalue(which)
    with structlog.testing.capture_logs() as said, pytest.raises(CannotPull, match=sentence) as raised:
        scene.once(**wrong)
    assert len(scene.standin.asked) == 1
    shown = f"{raised.value}{said}"
    assert "hush" not in shown


def test_an_answer_without_end_is_not_read_to_it(pdd: Scene) -> None:
    """It is no list."""
    pdd.standin.first = [Response(b" " * (MOST_BYTES + 1))]
    with pytest.raises(CannotPull, match="32 MiB"):
        pdd.once()


def test_a_redirection_gets_no_token(pdd: Scene) -> None:
    """The request is for the gateway that the settings name, and for nobody else."""
    pdd.standin.first = [Response(status_code=307, headers={"Location": pdd.standin.url})]
    with pytest.raises(CannotPull, match="HTTP 307"):
        pdd.once()
    assert len(pdd.standin.asked) == 1


def test_tokens_travel_by_tls_only() -> None:
    """Or within this machine; and nothing shows them."""
    secret = SecretStr("hush")
    for url in ("http://gw-api.pinduoduo.com/api/router", "http://127.0.0.1.evil.example/", "ftp://x/"):
        with pytest.raises(ValidationError):
            PinduoduoSettings(client_id="c", client_secret=secret, access_token=secret, url=url)
    assert "hush" not in repr(PinduoduoSettings(client_id="c", client_secret=secret, access_token=secret))


async def test_the_checkpoint_is_kafkas(kafka_server: Kafka) -> None:
    """A process that comes later finds the last one of its own key, another shop none; its topic makes itself."""
    topic = catalogue(kafka_server.fresh_prefix())["pulls"]
    first = Checkpoint(kafka_server.address, topic, 1, "pinduoduo/pos/")
    async with first:
        assert await first.read() is None
        await first.write(NOW - timedelta(hours=1))
        await first.write(NOW)
    for key, found in (("pinduoduo/pos/", NOW), ("pinduoduo/pos/2", None), ("taobao/pos/", None)):
        assert await Checkpoint(kafka_server.address, topic, 1, key).read() == found
