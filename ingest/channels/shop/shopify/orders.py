"""Orders, refunds, parcels and checkouts of Shopify as native events.

Every body of an order is its whole state: besides that it was placed or changed, it tells whether it is paid or
cancelled, its refunds and its parcels, under the same ids whichever webhook tells them first.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ingest.channels.channel import Native
from ingest.channels.shop.facts import amount, fingerprint, inner, line, objects, required, told
from ingest.channels.shop.shopify.message import Message, ids_of, visitor_of
from ingest.channels.values import Json, Object, blank, first, text
from schemas.errors import Rejected
from schemas.times import format_time

_PAID = ("paid", "partially_refunded", "refunded")
_MONEY_BACK = ("success", "pending")


def placed(message: Message) -> Iterator[Native]:
    """An order came to be."""
    order, order_id = message.body, required(message.body, "id")
    at = first(order, "processed_at", "created_at")
    yield message.facts.event(f"order:{order_id}:placed", "order.placed", at, _state(order), ids_of(order))
    yield from _told_beside(message, at)


def changed(message: Message) -> Iterator[Native]:
    """An order is otherwise now."""
    order, order_id = message.body, required(message.body, "id")
    at, state = order.get("updated_at"), _state(order)
    known_as = f"order:{order_id}:updated:{at}:{fingerprint(state)}"
    yield message.facts.event(known_as, "order.updated", at, state, ids_of(order))
    yield from _told_beside(message, at)


def edited(message: Message) -> Iterator[Native]:
    """Lines were added or taken away; the new state comes with orders/updated."""
    edit = inner(message.body, "order_edit")
    known_as = f"order:{required(edit, 'order_id')}:edited:{text(edit.get('id'))}"
    data = {"order_id": text(edit["order_id"])}
    yield message.facts.part(known_as, "order.updated", first(edit, "committed_at", "created_at"), data)


def deleted(message: Message) -> Iterator[Native]:
    """All that is said is its number."""
    order_id = required(message.body, "id")
    at = format_time(message.call.received_at)
    data = {"order_id": order_id, "reason": "deleted"}
    yield message.facts.part(f"order:{order_id}:deleted", "order.cancelled", at, data, derived=True)


def refund(message: Message) -> Iterator[Native]:
    """Money went back; a refund that only puts goods back on the shelf is none."""
    yield from _refunded(message, message.body)


def fulfillment(message: Message) -> Iterator[Native]:
    """A parcel is on its way."""
    yield from _shipped(message, message.body)


def checkout(message: Message) -> Iterator[Native]:
    """Somebody began to buy. Who, is often said later: until then they are a visitor."""
    body = message.body
    data = told(
        total=body.get("total_price"),
        currency=body.get("currency"),
        url=first(body, "abandoned_checkout_url"),
        lines=[each for each in map(_line, objects(body, "line_items")) if each],
    )
    known_as = f"checkout:{required(body, 'token')}"
    yield message.facts.event(known_as, "checkout.started", body.get("created_at"), data, visitor_of(body))


def checkout_changed(message: Message) -> Iterator[Native]:
    """What counts of a change is who the visitor is."""
    body = message.body
    ids = visitor_of(body)
    if len(ids) > 1:
        known_as = f"checkout:{required(body, 'token')}:{fingerprint(ids)}"
        yield message.facts.event(known_as, "customer.identified", body.get("created_at"), {"traits": {}}, ids)


def _told_beside(message: Message, at: Json) -> Iterator[Native]:
    order, order_id = message.body, required(message.body, "id")
    if order.get("financial_status") in _PAID:
        yield _paid(message, at)
    if not blank(order.get("cancelled_at")):
        data = told(order_id=order_id, reason=order.get("cancel_reason"))
        known_as = f"order:{order_id}:cancelled"
        yield message.facts.event(known_as, "order.cancelled", order["cancelled_at"], data, ids_of(order))
    for each in objects(order, "refunds"):
        yield from _refunded(message, {"order_id": order_id, **each})
    for each in objects(order, "fulfillments"):
        yield from _shipped(message, {"order_id": order_id, **each})


def _paid(message: Message, at: Json) -> Native:
    """Shopify does not say when: the time is that of the first body which says so, and no content."""
    order, order_id = message.body, required(message.body, "id")
    total = order.get("total_price")
    data = told(order_id=order_id, currency=order.get("currency"), amount=total, method=_gateway(order))
    known_as = f"order:{order_id}:paid:{fingerprint(data)}"
    return message.facts.event(known_as, "order.paid", at, data, ids_of(order), derived=True)


def _refunded(message: Message, said: Object) -> Iterator[Native]:
    back = [
        each
        for each in objects(said, "transactions")
        if each.get("kind") == "refund" and each.get("status") in _MONEY_BACK
    ]
    if back:
        data = told(
            order_id=required(said, "order_id"),
            refund_id=required(said, "id"),
            currency=back[0].get("currency"),
            amount=sum((amount(each.get("amount")) for each in back), Decimal(0)),
            reason=said.get("note"),
        )
        known_as = f"refund:{data['refund_id']}:{fingerprint(data)}"
        at = first(said, "processed_at", "created_at")
        yield message.facts.part(known_as, "order.refunded", at, data)


def _shipped(message: Message, said: Object) -> Iterator[Native]:
    if said.get("status") in ("cancelled", "error", "failure"):
        return
    data = told(
        order_id=required(said, "order_id"),
        carrier=said.get("tracking_company"),
        tracking_no=said.get("tracking_number"),
    )
    known_as = f"fulfillment:{required(said, 'id')}:{fingerprint(data)}"
    yield message.facts.part(known_as, "order.shipped", said.get("created_at"), data)


def _state(order: Object) -> Object:
    """An order's data. `total_price` leaves refunds out: those are events of their own."""
    codes = [each.get("code") for each in objects(order, "discount_codes")]
    shipping = inner(inner(order, "total_shipping_price_set"), "shop_money").get("amount")
    return {
        **told(
            order_id=required(order, "id"),
            currency=order.get("currency"),
            total=order.get("total_price"),
            discount=order.get("total_discounts"),
            shipping=shipping,
            coupon=codes[0] if codes else None,
            payment_method=_gateway(order),
            tags=order.get("tags"),
        ),
        "lines": [each for each in map(_line, objects(order, "line_items")) if each],
        **({"test": True} if order.get("test") is True else {}),
    }


def _gateway(order: Object) -> Json:
    names = order.get("payment_gateway_names")
    return names[0] if isinstance(names, list) and names and isinstance(names[0], str) else None


def _line(item: Object) -> Object:
    """One article; {} for one of which nothing is left."""
    quantity = amount(item.get("quantity"))
    if quantity <= 0:
        return {}
    off = sum((amount(each.get("amount")) for each in objects(item, "discount_allocations")), Decimal(0))
    sku = first(item, "sku", "variant_id", "product_id", "id")
    if sku is None:
        raise Rejected("missing_field", "/line_items", "A line has neither sku nor id.")
    more = {"name": first(item, "name", "title"), "brand": item.get("vendor")}
    return line(sku, item["quantity"], amount(item.get("price")) * quantity - off, more)
