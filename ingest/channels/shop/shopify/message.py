"""A body of Shopify's with what is known beside it, and whom it is about."""

from __future__ import annotations

from typing import NamedTuple

from ingest.channels.channel import Call
from ingest.channels.shop.facts import Facts, inner, told
from ingest.channels.values import Json, Object, blank, first, text


class Message(NamedTuple):
    """One webhook."""

    body: Object
    topic: str
    call: Call
    facts: Facts


def ids_of(body: Object) -> Object:
    """The buyer of an order or checkout: not who receives it, whose phone an address has."""
    customer = inner(body, "customer")
    return told(
        customer_no=customer_no(customer.get("id")),
        email=first(body, "email", "contact_email") or customer.get("email"),
        phone=first(body, "phone") or customer.get("phone"),
        anonymous_id=_visitor(body.get("checkout_token")),
    )


def visitor_of(checkout: Object) -> Object:
    """Who a checkout is of: somebody, even before they say who."""
    return {**ids_of(checkout), **told(anonymous_id=_visitor(checkout.get("token")))}


def customer_no(number: Json) -> str | None:
    """A customer's number, written so that it is not taken for another system's."""
    return None if blank(number) else f"shopify-{text(number)}"


def _visitor(token: Json) -> str | None:
    return None if blank(token) else f"shopify-{text(token)}"
