"""有赞 Youzan's messages."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.channels.shop.signatures import md5_between
from tests.channels.conftest import DOOR, SHOP, Client
from tests.channels.shops import Json, events, letter, youzan
from tests.ingest.fakes import NOW

TID = "E20261120132310000600001"
FULL: Json = {
    "full_order_info": {
        "order_info": {
            "tid": TID, "status": "WAIT_BUYER_PAY", "created": "2026-11-20 13:23:10", "close_type": 0,
            "update_time": "2026-11-20 13:23:11", "pay_time": "2026-11-20 13:25:00", "pay_type_str": "WEIXIN",
        },
        "pay_info": {"payment": "168.00", "total_fee": "160.00", "post_fee": "8.00"},
        "buyer_info": {"yz_open_id": "kmiyS3Qz660", "buyer_phone": "13800138000", "outer_user_id": "oXt"},
        "address_info": {"receiver_tel": "13900000000"},
        "orders": [{"oid": "1", "title": "建兰", "num": 2, "payment": "160.00", "outer_sku_id": "JL-1", "sku_id": 9}],
    }
}  # fmt: skip


def message(kind: str, content: Any, **more: Any) -> Json:
    """What is pushed, as of today; `sendCount` grows with each attempt."""
    return {
        "client_id": "client-7", "id": TID, "kdt_id": 54309274, "type": kind, "version": "1605850990", "test": False,
        "mode": 1, "sendCount": 0, "msg_id": "m-1", "msg": quote(orjson.dumps(content).decode()), **more,
    }  # fmt: skip


def test_the_signature_of_a_published_vector() -> None:
    """From an API gateway's tests of its Youzan plugin: client and secret `test`, no body. Youzan publishes none."""
    assert md5_between(b"test", b"test", b"") == b"05a671c66aefea124cc08b76ea6d30bb"
    assert md5_between(b"id", b"secret", b"{}") == hashlib.md5(b"id{}secret").hexdigest().encode()  # noqa: S324 -- theirs


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bit=st.integers(0, 8 * 300))
def test_one_bit_changed_is_refused(client: Client, bit: int) -> None:
    """401, and nothing is kept."""
    raw = orjson.dumps(message("trade_TradeCreate", FULL))
    signed = md5_between(b"client-7", b"hush", raw).decode()
    changed = bytearray(raw)
    changed[bit // 8] ^= 1 << bit % 8
    client.log.records.clear()
    path, headers = "/v1/webhooks/youzan/shop", {"Event-Sign": signed}
    assert client.http.post(path, content=bytes(changed), headers=headers).status_code == 401
    assert client.log.records == []
    assert client.http.post(path, content=raw, headers=headers).json() == {"code": 0, "msg": "success"}


def test_an_order(client: Client) -> None:
    """Placed by the buyer, whose Youzan id means something in this shop; times are Beijing's."""
    event = events(client, youzan(client, message("trade_TradeCreate", FULL)))["order.placed"]
    assert (event["event_id"], event["occurred_at"]) == (f"youzan:order:{TID}:placed", "2026-11-20T13:23:10+08:00")
    assert event["ids"] == {"ouid": "kmiyS3Qz660", "wechat_openid": "oXt", "phone": "13800138000"}
    assert event["data"] == {
        "order_id": TID, "currency": "CNY", "total": "168.00", "shipping": "8.00", "payment_method": "WEIXIN",
        "status": "WAIT_BUYER_PAY", "lines": [{"sku": "JL-1", "name": "建兰", "quantity": 2, "amount": 160.0}],
    }  # fmt: skip


def test_ciphertext_is_no_phone(client: Client) -> None:
    """Nor is a masked one."""
    for phone in ("$OZFyaGFkTg==$1$", "138****8000"):
        buyer = {"yz_open_id": "kmiy", "buyer_phone": phone}
        full = {"full_order_info": {**FULL["full_order_info"], "buyer_info": buyer}}
        event = events(client, youzan(client, message("trade_TradeCreate", full)))["order.placed"]
        assert event["ids"] == {"ouid": "kmiy"}


def test_an_attempt_more_is_the_same_message(client: Client) -> None:
    """Its count and so its signature differ; what it means does not."""
    told = [
        events(client, youzan(client, message("trade_TradePaid", FULL, sendCount=count)))["order.paid"]
        for count in (0, 1)
    ]
    assert told[0]["event_id"] == told[1]["event_id"]
    first, again = (DOOR.admit(orjson.dumps(each), SHOP, NOW).content_hash for each in told)
    assert first == again


def test_the_life_of_an_order(client: Client) -> None:
    """Each type, in the forms Youzan sends them."""
    thin = {"tid": TID, "update_time": "2026-11-21 08:00:00"}
    parcel = {"delivery_order": [{"dists": [{"express_info": {"express_id": "7", "express_no": "SF1"}}]}]}
    refund = {**thin, "refund_id": "r1", "refunded_fee": "11.00", "refund_reason": 103}
    info = FULL["full_order_info"]["order_info"]
    refunded = {"full_order_info": {**FULL["full_order_info"], "order_info": {**info, "close_type": 2}}}
    told: list[tuple[str, Any, dict[str, Json]]] = [
        ("trade_TradePaid", FULL, {"order.updated": {}, "order.paid": {"amount": "168.00", "method": "WEIXIN"}}),
        ("trade_TradeBuyerPay", thin, {"order.updated": {}}),
        ("trade_TradeSellerShip", {**thin, **parcel}, {"order.shipped": {"carrier": "7", "tracking_no": "SF1"}}),
        ("trade_TradePartlySellerShip", thin, {"order.shipped": {}}),
        ("trade_TradeSuccess", FULL, {"order.updated": {}}),
        ("trade_TradeClose", {**thin, "close_type": 1}, {"order.cancelled": {"reason": "1"}}),
        ("trade_TradeClose", refunded, {"order.updated": {}}),
        ("trade_refund_BuyerCreated", refund, {}),
        ("trade_refund_RefundSellerAgree", {**refund, "refund_type": "REFUND_AND_RETURN"}, {}),
        ("trade_refund_RefundSellerAgree", {**refund, "refund_type": "REFUND_ONLY"}, {"order.refunded": {}}),
        ("trade_refund_RefundSuccess", refund,
         {"order.refunded": {"refund_id": "r1", "amount": "11.00", "reason": "103"}}),
    ]  # fmt: skip
    for kind, msg, expected in told:
        found = events(client, youzan(client, message(kind, msg)))
        assert set(found) == set(expected), kind
        for each, data in expected.items():
            assert found[each]["data"] | data == found[each]["data"], kind
            assert found[each]["data"]["order_id"] == TID


def test_newer_messages_are_objects(client: Client) -> None:
    """Not percent-encoded text; the same refund told both ways is one event."""
    refund = {"tid": TID, "refund_id": "r1", "refunded_fee": "11.00", "update_time": "2026-11-21 08:00:00"}
    told = [
        events(client, youzan(client, message(kind, refund, **more)))["order.refunded"]["event_id"]
        for kind, more in (("trade_refund_RefundSuccess", {}), ("youzan_trade_RefundSuccess", {"msg": refund}))
    ]
    assert told[0] == told[1]


def test_a_test_of_the_console_means_nothing(client: Client) -> None:
    """It is answered with success."""
    assert events(client, youzan(client, message("trade_TradeCreate", {}, test=True))) == {}


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        (message("ITEM_INFO", {}), "unknown_type", "/type"),
        (message("trade_TradeCreate", {}, type=7), "unknown_type", "/type"),
        (message("trade_TradeCreate", {}), "missing_field", "/msg"),
        (message("trade_TradeCreate", {}, msg="%7Bhalf"), "unreadable", "/msg"),
        (message("trade_TradeCreate", {}, msg=None), "invalid_type", "/msg"),
        (message("trade_TradeCreate", {}, msg={"a": 0} | {"full_order_info": FULL}), "missing_field", "/msg"),
        (message("trade_refund_RefundSuccess", {"tid": TID}), "missing_field", "/refund_id"),
    ],
)
def test_dead_letters(client: Client, body: Json, code: str, pointer: str) -> None:
    """With the very bytes."""
    found = letter(client, youzan(client, body))
    assert (found.code, found.pointer, found.format, found.original) == (code, pointer, "youzan", orjson.dumps(body))
