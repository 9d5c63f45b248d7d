"""Shop platforms as their webhooks are sent: signed, with the headers they have."""

from __future__ import annotations

from typing import Any

import httpx2
import orjson

from ingest.channels.shop.signatures import hmac_sha256, md5_between
from schemas.dead_letter import DeadLetter
from tests.channels.conftest import Client

Json = dict[str, Any]


def shopify(
    client: Client, topic: str, body: Json | bytes, secret: bytes = b"hush", more: Json | None = None
) -> httpx2.Response:
    """Send as Shopify does."""
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    headers = {
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-SHA256": hmac_sha256(secret, raw).decode(),
        "X-Shopify-Shop-Domain": "example.myshopify.com",
        "X-Shopify-Webhook-Id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        **(more or {}),
    }
    return client.http.post("/v1/webhooks/shopify/shop", content=raw, headers=headers)


def woocommerce(
    client: Client, topic: str, body: Json, source: str = "shop", secret: bytes = b"hush"
) -> httpx2.Response:
    """Send as WooCommerce does."""
    raw = orjson.dumps(body)
    headers = {
        "X-WC-Webhook-Topic": topic,
        "X-WC-Webhook-Signature": hmac_sha256(secret, raw).decode(),
        "X-WC-Webhook-Delivery-ID": "8b6c8f5a",
    }
    return client.http.post(f"/v1/webhooks/woocommerce/{source}", content=raw, headers=headers)


def youzan(client: Client, body: Json) -> httpx2.Response:
    """Send as Youzan does."""
    raw = orjson.dumps(body)
    headers = {"Event-Sign": md5_between(b"client-7", b"hush", raw).decode(), "Client-Id": "client-7"}
    return client.http.post("/v1/webhooks/youzan/shop", content=raw, headers=headers)


def events(client: Client, answer: httpx2.Response) -> dict[str, Json]:
    """The native events of a request that was taken, by their type; several of one type are a mistake."""
    assert answer.status_code == 200, answer.text
    assert client.letters() == []
    found = client.events()
    by_type = {event["type"]: event for event in found}
    assert len(by_type) == len(found), found
    client.log.records.clear()
    return by_type


def letter(client: Client, answer: httpx2.Response) -> DeadLetter:
    """The only dead letter of a request that was taken all the same."""
    assert answer.status_code == 200, answer.text
    assert client.events() == []
    (found,) = client.letters()
    client.log.records.clear()
    return found
