"""WooCommerce's webhooks: orders and customers, signed with the secret of the webhook.

An order's body is its whole state, refunds included, so each tells all of it under ids that come again the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from ingest.channels.channel import Call, Native
from ingest.channels.shop.facts import Facts, amount, fingerprint, inner, line, objects, required, told
from ingest.channels.shop.platform import Account
from ingest.channels.shop.signatures import hmac_sha256, same
from ingest.channels.values import Json, Object, blank, first, text
from schemas.errors import Rejected
from schemas.sources import Source
from schemas.times import format_time

_SIGNATURE = "x-wc-webhook-signature"
_PING = re.compile(rb"webhook_id=[0-9]{1,20}\Z")
_DRAFTS = ("auto-draft", "checkout-draft", "draft")


class _Said(NamedTuple):
    body: Object
    received_at: str
    source: str
    facts: Facts


class WooCommerce:
    """Orders and customers."""

    name = "woocommerce"
    answer = b"{}"
    pointers: Sequence[tuple[str, str]] = (
        ("/data/lines", "/line_items"),
        ("/data/total", "/total"),
        ("/data/currency", "/currency"),
        ("/ids", "/billing"),
        ("/occurred_at", "/date_modified_gmt"),
    )

    def genuine(self, call: Call, account: Account) -> bool:
        """`X-WC-Webhook-Signature`: base64 of the HMAC of the body, with the webhook's secret."""
        presented = call.headers.get(_SIGNATURE, "")
        return True in [same(presented, hmac_sha256(secret, call.body)) for secret in account.secrets]

    def greets(self, call: Call) -> bool:
        """When a webhook is saved, its number is posted, unsigned; any other answer than 200 is an error there."""
        return _SIGNATURE not in call.headers and _PING.match(call.body) is not None

    def meaning(self, message: Object, call: Call, source: Source) -> Sequence[Native]:
        """What a body of this topic means."""
        topic = call.headers.get("x-wc-webhook-topic", "").strip().lower()
        meant = _MEANT.get(topic)
        if meant is None:
            raise Rejected("unknown_type", "", f"This topic is not taken: use some of {', '.join(_MEANT)}.")
        context = told(topic=topic, delivery_id=call.headers.get("x-wc-webhook-delivery-id"))
        facts = Facts(self.name, "woocommerce", context)
        return list(meant(_Said(message, format_time(call.received_at), source.name, facts)))


def _placed(said: _Said) -> Iterator[Native]:
    order = said.body
    if order.get("status") not in _DRAFTS:
        known_as, at = f"order:{required(order, 'id')}:placed", _utc(order, "date_created_gmt")
        yield said.facts.event(known_as, "order.placed", at, _state(order), _buyer(said))
        yield from _told_beside(said)


def _changed(said: _Said) -> Iterator[Native]:
    order = said.body
    if order.get("status") not in _DRAFTS:
        at, state = _utc(order, "date_modified_gmt"), _state(order)
        known_as = f"order:{required(order, 'id')}:updated:{at}:{fingerprint(state)}"
        yield said.facts.event(known_as, "order.updated", at, state, _buyer(said))
        yield from _told_beside(said)


def _deleted(said: _Said) -> Iterator[Native]:
    order_id = required(said.body, "id")
    data = {"order_id": order_id, "reason": "deleted"}
    yield said.facts.part(f"order:{order_id}:deleted", "order.cancelled", said.received_at, data, derived=True)


def _told_beside(said: _Said) -> Iterator[Native]:
    """Paid, cancelled, refunded: of the last two WooCommerce does not say when, so the time is no content."""
    order, order_id = said.body, required(said.body, "id")
    changed = _utc(order, "date_modified_gmt")
    paid = _utc(order, "date_paid_gmt", "date_completed_gmt")
    if paid is not None:
        data = told(order_id=order_id, currency=order.get("currency"), amount=order.get("total"), method=_method(order))
        yield said.facts.event(f"order:{order_id}:paid:{fingerprint(data)}", "order.paid", paid, data, _buyer(said))
    if order.get("status") == "cancelled":
        known_as = f"order:{order_id}:cancelled"
        yield said.facts.part(known_as, "order.cancelled", changed, {"order_id": order_id}, derived=True)
    for each in objects(order, "refunds"):
        refund = told(
            order_id=order_id,
            refund_id=required(each, "id"),
            currency=order.get("currency"),
            amount=abs(amount(each.get("total"))),
            reason=each.get("reason"),
        )
        known_as = f"refund:{refund['refund_id']}:{fingerprint(refund)}"
        yield said.facts.part(known_as, "order.refunded", changed, refund, derived=True)


def _identified(said: _Said) -> Iterator[Native]:
    customer, address = said.body, inner(said.body, "billing")
    names = [each for part in ("first_name", "last_name") if not blank(each := first(customer, part))]
    traits = told(
        name=" ".join(map(str, names)),
        city=address.get("city"),
        province=address.get("state"),
        country=address.get("country"),
        role=customer.get("role"),
    )
    ids = told(
        customer_no=_customer_no(said.source, required(customer, "id")),
        email=first(customer, "email") or address.get("email"),
        phone=address.get("phone"),
    )
    at = _utc(customer, "date_modified_gmt", "date_created_gmt")
    known_as = f"customer:{customer['id']}:{at}:{fingerprint([traits, ids])}"
    yield said.facts.event(known_as, "customer.identified", at, {"traits": traits}, ids)


def _forgotten(said: _Said) -> Iterator[Native]:
    number = required(said.body, "id")
    data, ids = {"request": "customer.deleted"}, {"customer_no": _customer_no(said.source, number)}
    known_as = f"privacy:customer:{number}:deleted"
    yield said.facts.event(known_as, "custom.privacy_request", said.received_at, data, ids, derived=True)


_MEANT: Mapping[str, Callable[[_Said], Iterator[Native]]] = MappingProxyType(
    {
        "order.created": _placed,
        "order.updated": _changed,
        "order.restored": _changed,
        "order.deleted": _deleted,
        "customer.created": _identified,
        "customer.updated": _identified,
        "customer.deleted": _forgotten,
    }
)


def _utc(body: Object, *names: str) -> str | None:
    """The first of some times; WooCommerce writes them in UTC, without saying so."""
    value = first(body, *names)
    return f"{value}Z" if isinstance(value, str) else None


def _buyer(said: _Said) -> Object:
    billing, number = inner(said.body, "billing"), said.body.get("customer_id")
    return told(
        customer_no=_customer_no(said.source, text(number)) if number else None,
        email=billing.get("email"),
        phone=billing.get("phone"),
    )


def _customer_no(source: str, number: Json) -> str:
    """Each shop counts from 1."""
    return f"{source}-{number}"


def _method(order: Object) -> Json:
    return first(order, "payment_method")


def _state(order: Object) -> Object:
    codes = [each.get("code") for each in objects(order, "coupon_lines")]
    return {
        **told(
            order_id=required(order, "id"),
            currency=order.get("currency"),
            total=order.get("total"),
            discount=order.get("discount_total"),
            shipping=order.get("shipping_total"),
            coupon=codes[0] if codes else None,
            payment_method=_method(order),
            status=order.get("status"),
        ),
        "lines": [_line(each) for each in objects(order, "line_items") if amount(each.get("quantity")) > 0],
    }


def _line(item: Object) -> Object:
    variation = item.get("variation_id") or None
    sku = first(item, "sku") or variation or first(item, "product_id", "id")
    paid = amount(item.get("total")) + amount(item.get("total_tax"))
    return line(sku, item["quantity"], paid, {"name": item.get("name")})
