"""Orders and refunds as native events: each once, however often they are pulled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.pulling import pinduoduo_orders, taobao_orders
from deploy.pulling.outgoing import lines
from deploy.pulling.saying import moment, opaque, yuan
from ingest.channels.channel import Native
from ingest.channels.shop.facts import Facts
from ingest.item_admission import written
from schemas.decoding import decode_event
from schemas.door import Door
from schemas.errors import Rejected
from schemas.event import Event
from schemas.sources import Source
from tests.pulling.orders import FACTS, Json, pinduoduo_order, pinduoduo_refund, taobao_refund, taobao_trade

NOW = datetime(2026, 12, 1, tzinfo=UTC)
Means = Callable[[Json, Facts], Iterator[Native]]


def admitted(means: Means, item: Json, platform: str) -> dict[str, Event]:
    """The events of an order as the door lets them in, by type; several of one type are a mistake."""
    found = [Door("CN").admit(written(each), Source("shop"), NOW) for each in means(told(item), FACTS[platform])]
    by_type = {event.type: event for event in found}
    assert len(by_type) == len(found), found
    return by_type


def told(item: Json) -> Json:
    """As it comes out of an answer: numbers exact."""
    return decode_event(orjson.dumps(item))


def pdd(**more: Any) -> dict[str, Event]:
    return admitted(pinduoduo_orders.order, pinduoduo_order(**more), "pinduoduo")


def tb(**more: Any) -> dict[str, Event]:
    return admitted(taobao_orders.order, taobao_trade(**more), "taobao")


def known(events: dict[str, Event]) -> set[tuple[str, bytes]]:
    return {(event.event_id, event.content_hash) for event in events.values()}


def data(event: Event) -> Json:
    found: Json = orjson.loads(orjson.dumps(event.data, default=str))
    return found


def test_the_life_of_an_order_on_pinduoduo() -> None:
    """Placed and paid, then shipped, then received; or cancelled."""
    assert set(pdd()) == {"order.updated", "order.placed", "order.paid"}
    sent = {"order_status": 2, "shipping_time": "2026-11-21 08:00:00", "tracking_number": "SF1", "logistics_id": 44}
    shipped = pdd(**sent)
    assert data(shipped["order.shipped"]) == {"order_id": "261120-1", "carrier": "44", "tracking_no": "SF1"}
    got = pdd(**{**sent, "order_status": 3, "receive_time": "2026-11-24 08:00:00"})
    assert set(got) == {"order.updated", "order.placed", "order.paid", "order.shipped", "order.completed"}
    assert got["order.completed"].occurred_at == datetime(2026, 11, 24, tzinfo=UTC)
    assert "order.cancelled" in pdd(confirm_status=2)
    assert "order.cancelled" in pdd(group_status=2)


def test_the_life_of_a_trade_on_taobao() -> None:
    """Placed, paid, shipped in two parcels, finished; or closed before it was paid, while one after is a refund."""
    unpaid = {"status": "WAIT_BUYER_PAY", "pay_time": None}
    assert set(tb(**unpaid)) == {"order.updated", "order.placed"}
    assert set(tb()) == {"order.updated", "order.placed", "order.paid"}
    parts = taobao_trade()["orders"]["order"]
    parcels = [{**each, "invoice_no": f"SF{place}", "logistics_company": "顺丰"} for place, each in enumerate(parts)]
    sent = taobao_trade(consign_time="2026-11-21 08:00:00", orders={"order": parcels})
    shipped = [each for each in taobao_orders.order(sent, FACTS["taobao"]) if each["type"] == "order.shipped"]
    assert [each["data"]["tracking_no"] for each in shipped] == ["SF0", "SF1"]
    assert "order.shipped" in tb(consign_time="2026-11-21 08:00:00")
    finished = tb(status="TRADE_FINISHED", end_time="2026-11-28 08:00:00")
    assert finished["order.completed"].occurred_at == datetime(2026, 11, 28, tzinfo=UTC)
    assert "order.cancelled" in tb(**{**unpaid, "status": "TRADE_CLOSED_BY_TAOBAO", "end_time": "2026-11-21 09:00:00"})
    assert "order.cancelled" not in tb(status="TRADE_CLOSED")


def test_what_an_order_says() -> None:
    """What was paid is its total; times are Beijing's; an article alone costs what was paid without the postage."""
    found = pdd()
    assert found["order.placed"].occurred_at == datetime(2026, 11, 20, 5, 23, 10, tzinfo=UTC)
    assert data(found["order.placed"])["total"] == "268"
    (line,) = data(found["order.placed"])["lines"]
    assert (line["sku"], line["quantity"], line["amount"]) == ("P-9", 2, "263")
    trade = data(tb()["order.placed"])
    assert [(each["sku"], each["amount"]) for each in trade["lines"]] == [("P-9", "198"), ("P-8", "70")]
    two = pinduoduo_order()["item_list"] * 2
    assert [each["amount"] for each in data(pdd(item_list=two)["order.placed"])["lines"]] == ["270", "270"]


def test_a_deposit_is_no_payment() -> None:
    """Until the rest is paid."""
    assert "order.paid" not in pdd(step_order_info={"step_trade_status": 1})
    assert "order.paid" in pdd(step_order_info={"step_trade_status": 2})
    assert "order.paid" not in tb(step_trade_status="FRONT_PAID_FINAL_NOPAID")
    assert "order.paid" in tb(step_trade_status="FRONT_PAID_FINAL_PAID")


def test_buyers_are_known_by_opaque_ids_of_this_source() -> None:
    """Ciphertext and masked values are no identifiers; a nick in the clear is one. What is long stands by its hash."""
    (one,) = pdd()["order.updated"].ids
    assert one.address == "oaid:shop/~addr-261120-1~"
    assert [each.address for each in tb()["order.updated"].ids] == [
        "ouid:shop/AAHk2231958349000", "oaid:shop/oaid-2231958349000",
    ]  # fmt: skip
    nick = tb(buyer_nick="tb129505", buyer_open_uid=None, oaid="")["order.updated"].ids
    assert [each.address for each in nick] == ["buyer_nick:shop/tb129505"]
    (long,) = pdd(open_address_id="x" * 500)["order.updated"].ids
    assert long.value == opaque("x" * 500)
    assert pdd(open_address_id="")["order.updated"].ids == ()
    for found in (pdd(), tb()):
        assert all(not event.ids for kind, event in found.items() if kind != "order.updated")


@pytest.mark.parametrize("make", [pdd, tb])
def test_an_order_pulled_again_is_the_same_events(make: Callable[..., dict[str, Event]]) -> None:
    """Unchanged, all of them, ids and contents; changed, all but what is new."""
    first, later = make(), make(at="2026-11-25 08:00:00")
    assert known(make()) == known(first)
    assert known(later) - known(first) == known({"order.updated": later["order.updated"]})
    ids = [event.event_id for event in (*first.values(), *later.values())]
    assert len(set(ids)) == len({(event.event_id, event.content_hash) for event in (*first.values(), *later.values())})


@pytest.mark.parametrize(
    ("means", "one", "platform"),
    [(pinduoduo_orders.refund, pinduoduo_refund, "pinduoduo"), (taobao_orders.refund, taobao_refund, "taobao")],
)
def test_a_refund_is_one_however_often_it_changes(means: Means, one: Callable[..., Json], platform: str) -> None:
    """Under its number; another amount is another version of it."""
    first = admitted(means, one(), platform)["order.refunded"]
    again = admitted(means, one(at="2026-11-23 10:00:00"), platform)["order.refunded"]
    assert (first.event_id, first.content_hash) == (again.event_id, again.content_hash)
    assert data(first)["refund_id"] == str(one().get("id", "1223344"))
    other = admitted(means, one(refund_amount="12.00", refund_fee="12.00"), platform)["order.refunded"]
    assert (other.event_id != first.event_id, data(other)["amount"]) == (True, "12")


def test_times() -> None:
    """Beijing's or Unix seconds; nothing where there was none; what else there is the door judges."""
    assert moment("2026-11-20 13:23:10") == "2026-11-20T13:23:10+08:00"
    assert moment("1551612204") == moment(1551612204) == "2019-03-03T11:23:24Z"
    assert [moment(each) for each in ("", None, 0, "0000-00-00 00:00:00", "1970-01-01 08:00:00")] == [None] * 5
    assert moment("yesterday") == "yesterday"


def test_amounts_have_one_spelling() -> None:
    """However a platform writes the same one; what is none stays for the door."""
    assert {yuan(each) for each in (268, Decimal("268.0"), "268.00", Decimal("268.00000000000001"))} == {"268"}
    assert [yuan(each) for each in ("much", None, 10**20)] == ["much", None, 10**20]


NAMES = st.sampled_from(
    """order_sn updated_at created_time pay_time confirm_time confirm_status group_status order_status refund_status
    pay_amount postage discount_amount item_list goods_count goods_price outer_id sku_id step_order_info
    step_trade_status shipping_time receive_time tracking_number logistics_id open_address_id id refund_amount
    updated_time tid status created modified payment post_fee orders order num divide_order_fee consign_time end_time
    invoice_no buyer_open_uid buyer_nick oaid refund_id refund_fee""".split()
)
LEAVES = (
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["TRADE_FINISHED", "2", "9.99", "2026-11-20 00:00:00", "1551612204", ""]) | st.text(max_size=20)
)  # fmt: skip
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner), max_leaves=15)
ORDERS = st.dictionaries(NAMES, VALUES, max_size=12)
ALL = [pinduoduo_orders.order, pinduoduo_orders.refund, taobao_orders.order, taobao_orders.refund]


@settings(max_examples=80)
@given(item=ORDERS, means=st.sampled_from(ALL))
def test_whatever_a_platform_says_is_kept(item: Json, means: Means) -> None:
    """It is events, or itself, which the door refuses; nothing fails, and no event has two contents."""
    facts, item = FACTS["pinduoduo"], told(item)
    try:
        expected = [written(each) for each in means(item, facts)]
    except Rejected:
        expected = []
    found = list(lines([item], means, facts))
    assert found == expected or len(found) == 1
    if not expected:
        with pytest.raises(Rejected):
            Door("CN").admit(found[0], Source("shop"), NOW)
    ids = [orjson.loads(each)["event_id"] for each in expected]
    assert len(set(ids)) == len(set(expected))
