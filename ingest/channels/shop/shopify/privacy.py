"""What privacy laws make Shopify ask of whoever keeps its customers' data: kept as events, for people to act on."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.channels.channel import Native
from ingest.channels.shop.facts import fingerprint, inner, told
from ingest.channels.shop.shopify.message import Message, customer_no
from ingest.channels.values import Object, text
from schemas.errors import Rejected
from schemas.times import format_time

PRIVACY_REQUEST = "custom.privacy_request"


def customer(message: Message) -> Iterator[Native]:
    """A customer wants to see their data (`customers/data_request`), or to be forgotten (`customers/redact`)."""
    who = inner(message.body, "customer")
    ids = told(customer_no=customer_no(who.get("id")), email=who.get("email"), phone=who.get("phone"))
    if not ids:
        raise Rejected("no_identifier", "/customer", "The request does not say whose data it is about.")
    orders = message.body.get("orders_to_redact") or message.body.get("orders_requested")
    yield _request(message, ids, {"orders": orders} if orders else {})


def shop(message: Message) -> Iterator[Native]:
    """A shop has left: everything of it is to go. It stands under a number of the shop itself."""
    number = text(message.body.get("shop_id"))
    yield _request(message, told(customer_no=f"shopify-shop-{number}" if number else None), {})


def _request(message: Message, ids: Object, more: Object) -> Native:
    """The body has neither id nor time, and may come again next year: the delivery's id tells one from another."""
    body = message.body
    data = told(
        request=message.topic,
        shop=body.get("shop_domain"),
        request_id=inner(body, "data_request").get("id"),
        **more,
    )
    delivery = message.call.headers.get("x-shopify-webhook-id", "")
    known_as = f"privacy:{fingerprint([body, message.topic])}:{delivery[:64]}"
    at = format_time(message.call.received_at)
    return message.facts.event(known_as, PRIVACY_REQUEST, at, data, ids, derived=True)
