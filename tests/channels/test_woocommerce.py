"""WooCommerce's webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac

import orjson
import pytest

from ingest.channels.shop.signatures import hmac_sha256
from tests.channels.conftest import DOOR, SHOP, Client
from tests.channels.shops import Json, events, letter, woocommerce
from tests.ingest.fakes import NOW

ORDER: Json = {
    "id": 727,
    "number": "727",
    "status": "processing",
    "currency": "USD",
    "date_created_gmt": "2026-11-20T16:28:02",
    "date_modified_gmt": "2026-11-20T16:28:08",
    "discount_total": "5.00",
    "shipping_total": "10.00",
    "total": "29.35",
    "customer_id": 25,
    "billing": {"first_name": "John", "email": "john.doe@example.com", "phone": "+1 555-555-5555"},
    "payment_method": "bacs",
    "date_paid_gmt": None,
    "date_completed_gmt": None,
    "coupon_lines": [{"code": "autumn"}],
    "line_items": [
        {"id": 315, "name": "Woo Single #1", "product_id": 93, "variation_id": 0, "quantity": 2, "total": "6.00",
         "total_tax": "0.45", "sku": ""},
        {"id": 316, "name": "Ship Your Idea", "product_id": 22, "variation_id": 23, "quantity": 1, "total": "12.00",
         "total_tax": "0.90", "sku": "Bar3"},
    ],
    "refunds": [],
}  # fmt: skip


def test_the_signature_is_base64_of_an_hmac() -> None:
    """As WooCommerce's documentation has it: base64(hash_hmac('sha256', payload, secret, true)). It has no vector.

    The HMAC itself by RFC 4231, test case 2.
    """
    digest = bytes.fromhex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    assert base64.b64decode(hmac_sha256(b"Jefe", b"what do ya want for nothing?")) == digest
    assert hmac.new(b"Jefe", b"what do ya want for nothing?", hashlib.sha256).digest() == digest


def test_saving_a_webhook_succeeds(client: Client) -> None:
    """WooCommerce posts its number, unsigned; nothing is written. Anything else unsigned is refused."""
    path = "/v1/webhooks/woocommerce/shop"
    assert client.http.post(path, content=b"webhook_id=12").status_code == 200
    assert client.http.post(path, content=b"webhook_id=12&x").status_code == 401
    assert client.http.post("/v1/webhooks/woocommerce/nobody", content=b"webhook_id=12").status_code == 401
    assert client.log.records == []


def test_an_order(client: Client) -> None:
    """Placed; the customer's number is this shop's."""
    event = events(client, woocommerce(client, "order.created", ORDER))["order.placed"]
    assert (event["event_id"], event["occurred_at"]) == ("woocommerce:order:727:placed", "2026-11-20T16:28:02Z")
    assert event["ids"] == {"customer_no": "shop-25", "email": "john.doe@example.com", "phone": "+1 555-555-5555"}
    assert event["data"] == {
        "order_id": "727", "currency": "USD", "total": "29.35", "discount": "5.00", "shipping": "10.00",
        "coupon": "autumn", "payment_method": "bacs", "status": "processing",
        "lines": [
            {"sku": "93", "name": "Woo Single #1", "quantity": 2, "amount": 6.45},
            {"sku": "Bar3", "name": "Ship Your Idea", "quantity": 1, "amount": 12.9},
        ],
    }  # fmt: skip
    other = events(client, woocommerce(client, "order.created", ORDER, "other", b"quiet"))["order.placed"]
    assert other["ids"]["customer_no"] == "other-25"
    assert woocommerce(client, "order.created", ORDER, "other", b"hush").status_code == 401


def test_the_life_of_an_order(client: Client) -> None:
    """Paid, refunded, cancelled: each once, under the same id in every later body."""
    paid = {**ORDER, "date_paid_gmt": "2026-11-20T16:29:00"}
    later = {
        **paid, "status": "cancelled", "date_modified_gmt": "2026-11-22T08:00:00",
        "refunds": [{"id": 900, "reason": "late", "total": "-29.35"}],
    }  # fmt: skip
    last = {**later, "date_modified_gmt": "2026-11-22T09:00:00"}
    told = [events(client, woocommerce(client, "order.updated", body)) for body in (paid, later, last)]
    assert [set(each) for each in told] == [
        {"order.updated", "order.paid"},
        {"order.updated", "order.paid", "order.cancelled", "order.refunded"},
        {"order.updated", "order.paid", "order.cancelled", "order.refunded"},
    ]
    assert told[1]["order.refunded"]["data"] == {
        "order_id": "727", "refund_id": "900", "currency": "USD", "amount": 29.35, "reason": "late",
    }  # fmt: skip
    for kind in ("order.paid", "order.cancelled", "order.refunded"):
        assert told[1][kind]["event_id"] == told[2][kind]["event_id"]
        first, again = (DOOR.admit(orjson.dumps(each[kind]), SHOP, NOW) for each in told[1:])
        assert first.content_hash == again.content_hash
    assert told[1]["order.updated"]["event_id"] != told[2]["order.updated"]["event_id"]


def test_drafts_are_nothing(client: Client) -> None:
    """Of a checkout that was only opened."""
    assert events(client, woocommerce(client, "order.created", {**ORDER, "status": "checkout-draft"})) == {}


def test_a_customer_comes_and_goes(client: Client) -> None:
    """Identified; and when deleted, that is kept for people to act on."""
    body = {
        "id": 25, "email": "john.doe@example.com", "first_name": "John", "last_name": "Doe", "role": "customer",
        "date_modified_gmt": "2026-11-20T00:00:00",
        "billing": {"city": "San Francisco", "state": "CA", "country": "US"},
    }  # fmt: skip
    known = events(client, woocommerce(client, "customer.created", body))["customer.identified"]
    assert known["data"]["traits"]["name"] == "John Doe"
    gone = events(client, woocommerce(client, "customer.deleted", {"id": 25}))["custom.privacy_request"]
    assert (gone["ids"], gone["data"]) == ({"customer_no": "shop-25"}, {"request": "customer.deleted"})


@pytest.mark.parametrize(
    ("topic", "body", "code"),
    [("coupon.created", {"id": 1}, "unknown_type"), ("order.created", {"id": 1}, "invalid_time")],
)
def test_dead_letters(client: Client, topic: str, body: Json, code: str) -> None:
    """With the very bytes."""
    found = letter(client, woocommerce(client, topic, body))
    assert (found.code, found.format, found.original) == (code, "woocommerce", orjson.dumps(body))
