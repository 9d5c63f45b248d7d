"""Shopify's webhooks: one address for all topics; the header says the topic, the body is what is signed.

Since headers are not signed, a body means what it says of itself: an order is paid or cancelled when its own fields
say so, whatever the topic. Ids are made of the body, too, so that nothing said twice counts twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from ingest.channels.channel import Call, Native
from ingest.channels.shop.facts import Facts, told
from ingest.channels.shop.platform import Account
from ingest.channels.shop.shopify import customers, orders, privacy
from ingest.channels.shop.shopify.message import Message
from ingest.channels.shop.signatures import hmac_sha256, same
from ingest.channels.values import Object
from schemas.errors import Rejected
from schemas.sources import Source

_TOPIC = "x-shopify-topic"
_MEANT: Mapping[str, Callable[[Message], Iterator[Native]]] = MappingProxyType(
    {
        "orders/create": orders.placed,
        "orders/updated": orders.changed,
        "orders/edited": orders.edited,
        "orders/paid": orders.changed,
        "orders/partially_fulfilled": orders.changed,
        "orders/fulfilled": orders.changed,
        "orders/cancelled": orders.changed,
        "orders/delete": orders.deleted,
        "refunds/create": orders.refund,
        "fulfillments/create": orders.fulfillment,
        "fulfillments/update": orders.fulfillment,
        "checkouts/create": orders.checkout,
        "checkouts/update": orders.checkout_changed,
        "customers/create": customers.identified,
        "customers/update": customers.identified,
        "customers/enable": customers.identified,
        "customers/disable": customers.identified,
        "customers_marketing_consent/update": customers.sms_consent,
        "customers_email_marketing_consent/update": customers.email_consent,
        "customers/data_request": privacy.customer,
        "customers/redact": privacy.customer,
        "shop/redact": privacy.shop,
    }
)


class Shopify:
    """Orders, refunds, parcels, checkouts, customers, and what privacy laws ask for."""

    name = "shopify"
    answer = b"{}"
    pointers: Sequence[tuple[str, str]] = (
        ("/data/lines", "/line_items"),
        ("/data/total", "/total_price"),
        ("/data/currency", "/currency"),
        ("/ids", "/customer"),
        ("/occurred_at", "/updated_at"),
    )

    def genuine(self, call: Call, account: Account) -> bool:
        """`X-Shopify-Hmac-SHA256`: base64 of the HMAC of the body, with the app's client secret."""
        presented = call.headers.get("x-shopify-hmac-sha256", "")
        return True in [same(presented, hmac_sha256(secret, call.body)) for secret in account.secrets]

    def greets(self, call: Call) -> bool:  # noqa: ARG002 -- as every platform
        """Never: all it sends is signed."""
        return False

    def meaning(self, message: Object, call: Call, source: Source) -> Sequence[Native]:  # noqa: ARG002 -- ids are global
        """What a body of this topic means."""
        topic = call.headers.get(_TOPIC, "").strip().lower()
        meant = _MEANT.get(topic)
        if meant is None:
            known = ", ".join(_MEANT)
            raise Rejected("unknown_type", "", f"This topic is not taken: subscribe to some of {known}.")
        facts = Facts(self.name, _channel(message), _context(message, call, topic))
        return list(meant(Message(message, topic, call, facts)))


def _channel(message: Object) -> str:
    """Where it was sold, as far as Shopify says."""
    sold_by = message.get("source_name")
    return sold_by if sold_by in ("web", "pos") else "shopify"


def _context(message: Object, call: Call, topic: str) -> Object:
    headers = call.headers
    return told(
        topic=topic,
        shop=headers.get("x-shopify-shop-domain"),
        webhook_id=headers.get("x-shopify-webhook-id"),
        ip=message.get("browser_ip"),
        order_name=message.get("name") if topic.startswith("orders/") else None,
    )
