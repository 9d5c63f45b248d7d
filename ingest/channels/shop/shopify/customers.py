"""Customers of Shopify, and what they allow."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.channels.channel import Native
from ingest.channels.shop.facts import fingerprint, inner, required, told
from ingest.channels.shop.shopify.message import Message, customer_no
from ingest.channels.values import Object, blank, first

_SAID = {"subscribed": True, "unsubscribed": False}
"""Of the other states (not_subscribed, pending, redacted, invalid) none is a word of the customer's."""


def identified(message: Message) -> Iterator[Native]:
    """Who a customer is, and to what marketing they said yes or no."""
    body = message.body
    number = required(body, "id")
    ids = told(customer_no=customer_no(number), email=body.get("email"), phone=body.get("phone"))
    at, traits = first(body, "updated_at", "created_at"), _traits(body)
    known_as = f"customer:{number}:{at}:{fingerprint([traits, ids])}"
    yield message.facts.event(known_as, "customer.identified", at, {"traits": traits}, ids)
    for purpose in ("email_marketing", "sms_marketing"):
        yield from _consent(message, purpose, inner(body, f"{purpose}_consent"), ids)


def email_consent(message: Message) -> Iterator[Native]:
    """A word on e-mails."""
    body = message.body
    ids = told(customer_no=customer_no(required(body, "customer_id")), email=body.get("email_address"))
    yield from _consent(message, "email_marketing", inner(body, "email_marketing_consent"), ids)


def sms_consent(message: Message) -> Iterator[Native]:
    """A word on text messages."""
    body = message.body
    number = required(body, "customer_id") if "customer_id" in body else required(body, "id")
    ids = told(customer_no=customer_no(number), phone=first(body, "phone", "phone_number"))
    yield from _consent(message, "sms_marketing", inner(body, "sms_marketing_consent"), ids)


def _consent(message: Message, purpose: str, said: Object, ids: Object) -> Iterator[Native]:
    granted = _SAID.get(str(said.get("state")))
    at = first(said, "consent_updated_at") or first(message.body, "updated_at", "created_at")
    if granted is None or at is None:
        return
    data = {
        "purpose": purpose,
        "granted": granted,
        **told(evidence=first(said, "opt_in_level", "consent_collected_from")),
    }
    known_as = f"consent:{fingerprint([ids, data])}:{at}"
    yield message.facts.event(known_as, "consent.changed", at, data, ids)


def _traits(body: Object) -> Object:
    address = inner(body, "default_address")
    names = [body[part] for part in ("first_name", "last_name") if not blank(body.get(part))]
    return told(
        name=" ".join(map(str, names)),
        city=address.get("city"),
        province=address.get("province"),
        country=first(address, "country_code", "country"),
        language=body.get("locale"),
        tags=body.get("tags"),
        account_state=body.get("state"),
    )
