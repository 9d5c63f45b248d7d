"""Shopify's webhooks: signatures, what each topic means, deliveries that come twice."""

from __future__ import annotations

from typing import Any

import httpx2
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.channels.shop.signatures import hmac_sha256, same
from tests.channels.conftest import DOOR, SHOP, Client
from tests.channels.shops import Json, events, letter, shopify
from tests.ingest.fakes import NOW

ORDER: Json = {
    "id": 820982911946154508,
    "name": "#9999",
    "email": "jon@example.com",
    "phone": None,
    "created_at": "2026-11-20T19:00:00-05:00",
    "processed_at": "2026-11-20T19:00:00-05:00",
    "updated_at": "2026-11-20T19:00:02-05:00",
    "cancelled_at": None,
    "cancel_reason": None,
    "currency": "USD",
    "financial_status": "pending",
    "fulfillment_status": None,
    "checkout_token": "t0k3n",
    "source_name": "web",
    "total_price": "388.00",
    "current_total_price": "388.00",
    "total_discounts": "20.00",
    "total_shipping_price_set": {"shop_money": {"amount": "10.00", "currency_code": "USD"}},
    "discount_codes": [{"code": "SPRING", "amount": "20.00", "type": "fixed_amount"}],
    "payment_gateway_names": ["visa", "bogus"],
    "customer": {"id": 115310627314723954, "email": "john@example.com", "phone": "+16135551111"},
    "billing_address": {"phone": "555-555-BILL"},
    "shipping_address": {"phone": "555-555-SHIP"},
    "refunds": [],
    "fulfillments": [],
    "line_items": [
        {"id": 866550311766439020, "sku": "IPOD2008PINK", "variant_id": 808950810, "name": "IPod Nano - 8GB",
         "vendor": "Apple", "quantity": 2, "price": "199.00",
         "discount_allocations": [{"amount": "5.00"}, {"amount": "15.00"}]},
        {"id": 1, "sku": "", "variant_id": 5, "name": "gone", "quantity": 0, "price": "1.00"},
        {"id": 2, "sku": None, "variant_id": 6, "title": "plain", "quantity": 1, "price": "0"},
    ],
}  # fmt: skip
REFUND: Json = {
    "id": 509562969,
    "order_id": ORDER["id"],
    "created_at": "2026-11-21T10:00:00-05:00",
    "note": "it broke",
    "refund_line_items": [],
    "transactions": [
        {"id": 1, "kind": "refund", "status": "success", "amount": "41.94", "currency": "USD"},
        {"id": 2, "kind": "refund", "status": "failure", "amount": "9.00", "currency": "USD"},
        {"id": 3, "kind": "void", "status": "success", "amount": "9.00", "currency": "USD"},
    ],
}
FULFILLMENT: Json = {
    "id": 123456,
    "order_id": ORDER["id"],
    "status": "success",
    "created_at": "2026-11-21T09:00:00-05:00",
    "tracking_company": "UPS",
    "tracking_number": "1z827wk74630",
}
CUSTOMER: Json = {
    "id": 706405506930370084,
    "email": "bob@biller.com",
    "phone": None,
    "first_name": "Bob",
    "last_name": "Biller",
    "created_at": "2026-11-01T00:00:00Z",
    "updated_at": "2026-11-02T00:00:00Z",
    "state": "disabled",
    "tags": "vip",
    "default_address": {"city": "Ottawa", "province": "Ontario", "country": "Canada", "country_code": "CA"},
    "email_marketing_consent": {
        "state": "subscribed", "opt_in_level": "single_opt_in", "consent_updated_at": "2026-11-02T00:00:00Z",
    },
    "sms_marketing_consent": {"state": "not_subscribed", "consent_updated_at": None},
}  # fmt: skip


def content(event: Json) -> Any:
    """What tells this event from another under its id."""
    return DOOR.admit(orjson.dumps(event), SHOP, NOW).content_hash


def test_the_signature_of_a_published_vector() -> None:
    """From the tests of SQLPage (its function hmac, "Shopify webhook HMAC validation with base64 output").

    Shopify itself publishes none.
    """
    body = b'{"id":1234567890,"email":"customer@example.com","total_price":"123.45"}'
    assert hmac_sha256(b"test-webhook-secret", body) == b"QNyObTlKbMx2qDlPF/ZOZcBqg5OgPg+2oky3zldc0Gw="


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bit=st.integers(0, 8 * len(orjson.dumps(FULFILLMENT)) - 1))
def test_one_bit_changed_is_refused(client: Client, bit: int) -> None:
    """401 as a problem, and nothing is kept: not even a dead letter."""
    raw = orjson.dumps(FULFILLMENT)
    signed = hmac_sha256(b"hush", raw).decode()
    changed = bytearray(raw)
    changed[bit // 8] ^= 1 << bit % 8
    client.log.records.clear()
    assert shopify(client, "fulfillments/create", raw).status_code == 200
    client.log.records.clear()
    headers = {"X-Shopify-Hmac-SHA256": signed}
    answer = shopify(client, "fulfillments/create", bytes(changed), more=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.log.records == []


@pytest.mark.parametrize("signature", ["", "AAAA", "é", "x" * 5000])
def test_other_signatures_are_refused(client: Client, signature: str) -> None:
    """Whatever stands in the header."""
    headers = {"X-Shopify-Hmac-SHA256": signature.encode("latin-1")}
    path = "/v1/webhooks/shopify/shop"
    assert client.http.post(path, content=b"{}", headers=headers).status_code == 401  # type: ignore[arg-type]


def test_unknown_sources_look_as_wrong_signatures_do(client: Client) -> None:
    """Nobody learns which shops there are."""
    answers = [
        client.http.post(f"/v1/webhooks/{path}", content=b"{}").json()
        for path in ("shopify/nobody", "woocommerce/nobody", "shopify/shop", "youzan/other")
    ]
    assert {(answer["code"], answer["message"]) for answer in answers} == {("unauthorized", answers[0]["message"])}


def test_comparison_takes_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the standard library's constant-time comparison that decides, and nothing else."""
    compared = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return True

    monkeypatch.setattr("ingest.channels.shop.signatures.hmac.compare_digest", compare)
    assert same("a", b"b")
    assert compared == [(b"a", b"b")]


def test_the_former_secret_is_still_taken(client: Client) -> None:
    """While a secret is being changed, both sign."""
    for secret in (b"hush", b"formerly"):
        assert shopify(client, "fulfillments/create", FULFILLMENT, secret).status_code == 200
    assert shopify(client, "fulfillments/create", FULFILLMENT, b"never").status_code == 401


def test_an_order(client: Client) -> None:
    """Placed, by whoever bought it: phones of addresses are the receiver's."""
    answer = shopify(client, "orders/create", ORDER)
    assert answer.content == b"{}"
    event = events(client, answer)["order.placed"]
    assert event == {
        "event_id": "shopify:order:820982911946154508:placed",
        "type": "order.placed",
        "occurred_at": "2026-11-20T19:00:00-05:00",
        "ids": {
            "customer_no": "shopify-115310627314723954", "email": "jon@example.com", "phone": "+16135551111",
            "anonymous_id": "shopify-t0k3n",
        },
        "channel": "web",
        "data": {
            "order_id": "820982911946154508", "currency": "USD", "total": "388.00", "discount": "20.00",
            "shipping": "10.00", "coupon": "SPRING", "payment_method": "visa",
            "lines": [
                {"sku": "IPOD2008PINK", "name": "IPod Nano - 8GB", "brand": "Apple", "quantity": 2, "amount": 378.0},
                {"sku": "6", "name": "plain", "quantity": 1, "amount": 0},
            ],
        },
        "context": {
            "topic": "orders/create", "shop": "example.myshopify.com", "order_name": "#9999",
            "webhook_id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        },
    }  # fmt: skip


def test_a_delivery_that_comes_again_is_the_same(client: Client) -> None:
    """The same ids and the same content, whatever its headers say this time."""
    body = {**ORDER, "financial_status": "paid", "refunds": [REFUND], "fulfillments": [FULFILLMENT]}
    first = events(client, shopify(client, "orders/updated", body))
    again = events(client, shopify(client, "orders/updated", body, more={"X-Shopify-Webhook-Id": "another"}))
    assert len(first) == 4
    assert {event["event_id"]: content(event) for event in first.values()} == {
        event["event_id"]: content(event) for event in again.values()
    }


def test_two_changes_within_a_second_are_two(client: Client) -> None:
    """Shopify's times are whole seconds."""
    ids = {
        events(client, shopify(client, "orders/updated", {**ORDER, "total_price": total}))["order.updated"]["event_id"]
        for total in ("388.00", "300.00")
    }
    assert len(ids) == 2


def test_paid_is_what_says_so_itself(client: Client) -> None:
    """The topic is not signed: an unpaid order sent as orders/paid is not paid; a paid one is, once."""
    assert set(events(client, shopify(client, "orders/paid", ORDER))) == {"order.updated"}
    paid = {**ORDER, "financial_status": "paid"}
    told = [events(client, shopify(client, topic, paid))["order.paid"] for topic in ("orders/create", "orders/paid")]
    assert told[0]["event_id"] == told[1]["event_id"]
    assert content(told[0]) == content(told[1])
    assert told[0]["data"] == {
        "order_id": "820982911946154508", "currency": "USD", "amount": "388.00", "method": "visa",
    }  # fmt: skip


def test_a_cancelled_order(client: Client) -> None:
    """When and why, as the order says; refunds and parcels are the same whoever tells them."""
    body = {**ORDER, "cancelled_at": "2026-11-21T00:00:00Z", "cancel_reason": "customer"}
    event = events(client, shopify(client, "orders/cancelled", body))["order.cancelled"]
    assert (event["occurred_at"], event["data"]["reason"]) == ("2026-11-21T00:00:00Z", "customer")
    assert "order.cancelled" not in events(client, shopify(client, "orders/cancelled", ORDER))


@pytest.mark.parametrize(
    ("topic", "part", "kind"),
    [("refunds/create", REFUND, "order.refunded"), ("fulfillments/create", FULFILLMENT, "order.shipped")],
)
def test_parts_of_an_order(client: Client, topic: str, part: Json, kind: str) -> None:
    """A webhook of their own and the order's tell the same event."""
    alone = events(client, shopify(client, topic, part))[kind]
    member = "refunds" if kind == "order.refunded" else "fulfillments"
    within = events(client, shopify(client, "orders/updated", {**ORDER, member: [part]}))[kind]
    assert alone["event_id"] == within["event_id"]
    assert content(alone) == content(within)


def test_what_was_refunded(client: Client) -> None:
    """Money that went back, without what failed; goods put back on the shelf are no refund."""
    event = events(client, shopify(client, "refunds/create", REFUND))["order.refunded"]
    assert event["data"] == {
        "order_id": "820982911946154508", "refund_id": "509562969", "currency": "USD", "amount": 41.94,
        "reason": "it broke",
    }  # fmt: skip
    assert events(client, shopify(client, "refunds/create", {**REFUND, "transactions": []})) == {}


def test_a_checkout_of_somebody(client: Client) -> None:
    """A visitor at first; who they are comes with a change, and the order has the same visitor."""
    body = {"token": "t0k3n", "created_at": "2026-11-20T18:00:00Z", "total_price": "388.00", "currency": "USD"}
    begun = events(client, shopify(client, "checkouts/create", body))["checkout.started"]
    assert begun["ids"] == {"anonymous_id": "shopify-t0k3n"}
    assert events(client, shopify(client, "checkouts/update", body)) == {}
    known = events(client, shopify(client, "checkouts/update", {**body, "email": "jon@example.com"}))
    assert known["customer.identified"]["ids"] == {"anonymous_id": "shopify-t0k3n", "email": "jon@example.com"}


def test_a_customer(client: Client) -> None:
    """Traits, and what they said to marketing; not having been asked is no answer."""
    told = events(client, shopify(client, "customers/create", CUSTOMER))
    assert told["customer.identified"]["data"]["traits"] == {
        "name": "Bob Biller", "city": "Ottawa", "province": "Ontario", "country": "CA", "tags": "vip",
        "account_state": "disabled",
    }  # fmt: skip
    assert told["consent.changed"]["data"] == {
        "purpose": "email_marketing", "granted": True, "evidence": "single_opt_in",
    }  # fmt: skip
    body = {
        "customer_id": 1, "email_address": "bob@biller.com",
        "email_marketing_consent": {"state": "unsubscribed", "consent_updated_at": "2026-11-03T00:00:00Z"},
    }  # fmt: skip
    no = events(client, shopify(client, "customers_email_marketing_consent/update", body))["consent.changed"]
    assert no["data"] == {"purpose": "email_marketing", "granted": False}
    assert no["ids"] == {"customer_no": "shopify-1", "email": "bob@biller.com"}


@pytest.mark.parametrize(
    ("topic", "body", "ids"),
    [
        ("customers/data_request", {"shop_domain": "a.b", "orders_requested": [1, 2], "data_request": {"id": 9999},
         "customer": {"id": 7, "email": "j@e.com", "phone": "555"}}, {"customer_no": "shopify-7", "email": "j@e.com",
         "phone": "555"}),
        ("customers/redact", {"shop_domain": "a.b", "orders_to_redact": [1], "customer": {"id": 7}},
         {"customer_no": "shopify-7"}),
        ("shop/redact", {"shop_id": 954889, "shop_domain": "a.b"}, {"customer_no": "shopify-shop-954889"}),
    ],
)  # fmt: skip
def test_privacy_requests_are_kept(client: Client, topic: str, body: Json, ids: Json) -> None:
    """With what is needed to act on them: the customer, the orders, the request's number."""
    event = events(client, shopify(client, topic, body))["custom.privacy_request"]
    assert event["ids"] == ids
    assert event["data"]["request"] == topic
    assert event["data"].get("orders") == (body.get("orders_requested") or body.get("orders_to_redact"))
    again = events(client, shopify(client, topic, body))["custom.privacy_request"]
    assert (again["event_id"], content(again)) == (event["event_id"], content(event))


@pytest.mark.parametrize(
    ("topic", "body", "code", "pointer"),
    [
        ("products/update", {"id": 1}, "unknown_type", ""),
        ("", {"id": 1}, "unknown_type", ""),
        ("orders/create", b"[]", "invalid_type", ""),
        ("orders/create", b"{", "unreadable", ""),
        ("orders/create", b"", "unreadable", ""),
        ("orders/create", {}, "missing_field", "/id"),
        ("orders/create", {**ORDER, "total_price": "much"}, "invalid_money", "/total_price"),
        ("orders/create", {**ORDER, "processed_at": "2026-11-20", "created_at": None}, "invalid_time", "/updated_at"),
        ("orders/create", {**ORDER, "line_items": [{"quantity": 1}]}, "missing_field", "/line_items"),
        ("orders/create", {**ORDER, "line_items": [{"sku": "a", "quantity": 1, "price": "?"}]}, "invalid_money", ""),
        ("customers/redact", {"customer": {}}, "no_identifier", "/customer"),
    ],
)
def test_what_cannot_be_translated_is_a_dead_letter(
    client: Client, topic: str, body: Json | bytes, code: str, pointer: str
) -> None:
    """With its bytes; the answer is success all the same, for sending it again would not help."""
    found = letter(client, shopify(client, topic, body))
    assert (found.code, found.pointer, found.format) == (code, pointer, "shopify")
    assert found.original == (body if isinstance(body, bytes) else orjson.dumps(body))


def test_an_order_may_be_larger_than_an_event(client: Client) -> None:
    """Shopify's bodies say much that is not kept."""
    body = {**ORDER, "note_attributes": ["x" * 60_000]}
    assert "order.placed" in events(client, shopify(client, "orders/create", body))


def test_kafka_away_is_503(client: Client) -> None:
    """Shopify sends it again."""
    client.log.away = True
    answer: httpx2.Response = shopify(client, "orders/create", ORDER)
    assert (answer.status_code, answer.json()["code"]) == (503, "kafka_unavailable")
