"""E-commerce events (the "v2" names of the specification, and the older ones) as native types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from ingest.channels.values import Json, Object, blank, first, money, number, text, without_blanks
from schemas.errors import Rejected

_AMOUNTS = ("total", "revenue", "subtotal", "shipping", "tax", "discount", "price", "amount")
_TEXTS = ("name", "category", "brand", "url", "query", "coupon", "payment_method", "reason")
_SKU = ("sku", "product_id", "productId", "id")
_SUM = ("total", "revenue", "amount")


class Commerce(NamedTuple):
    """A native event in the making."""

    type: str
    data: Callable[[Object, str], Object]
    """From tidy properties and the messageId."""


def commerce(snake: str) -> Commerce | None:
    """The native event that an event of this name (in snake_case) is; None for all others."""
    return _EVENTS.get(_OLD_NAMES.get(snake, snake))


def commerce_data(event: Commerce, properties: Object, message_id: str) -> Object:
    """Its data: properties under their own names, beside those of ours."""
    return event.data(_tidy(properties), message_id)


def _tidy(said: Object) -> Object:
    """Amounts without dust, text where text belongs, and nothing that is blank."""
    tidy = without_blanks(said, (*_AMOUNTS, *_TEXTS, *_SKU, "currency", "quantity", "products"))
    tidy.update({name: money(tidy[name]) for name in _AMOUNTS if name in tidy})
    tidy.update({name: text(tidy[name]) for name in _TEXTS if name in tidy})
    if "quantity" in tidy:
        tidy["quantity"] = _number(tidy["quantity"])
    return tidy


def _number(value: Json) -> Json:
    found = number(value)
    return value if found is None else found


def _product(said: Object, _: str) -> Object:
    sku = first(said, *_SKU)
    return said if sku is None else {**said, "sku": text(sku)}


def _order(said: Object, _: str) -> Object:
    return {"lines": [], **_changed(said, "")}


def _changed(said: Object, _: str) -> Object:
    """An order: `total` wins over `revenue`, products are lines."""
    data = _about_order(said)
    total = first(said, *_SUM)
    if total is not None:
        data["total"] = total
    if "products" in data:
        data["lines"] = _lines(data.pop("products"))
    return data


def _refunded(said: Object, message_id: str) -> Object:
    data = _changed(said, "")
    amount = data.get("total")
    refund_id = first(said, "refund_id", "refundId")
    return {
        **data,
        **({} if amount is None else {"amount": amount}),
        "refund_id": message_id if refund_id is None else text(refund_id),
    }


def _about_order(said: Object) -> Object:
    order_id = first(said, "order_id", "orderId")
    kept = {name: value for name, value in said.items() if name != "order_id"}
    return kept if order_id is None else {**kept, "order_id": text(order_id)}


def _cancelled(said: Object, _: str) -> Object:
    return _about_order(said)


def _lines(products: Json) -> Json:
    if not isinstance(products, list):
        raise Rejected("invalid_type", "/properties/products", "products should be a list of objects.")
    return [_line(product, place) for place, product in enumerate(products)]


def _line(product: Json, place: int) -> Object:
    """One product of an order; its amount is price × quantity, rounded once. Without a price, nothing is known: 0."""
    if not isinstance(product, dict):
        raise Rejected("invalid_type", f"/properties/products/{place}", "A product should be an object.")
    said = {"quantity": 1, **_product(_tidy(product), "")}
    price, quantity = number(product.get("price")), number(said["quantity"])
    if price is None and "price" in said:
        raise Rejected("invalid_money", f"/properties/products/{place}/price", "price should be a plain decimal.")
    if price is not None and quantity is not None:
        return {**said, "amount": money(Decimal(price) * quantity)}
    return {"amount": 0, **said}


def _coupon(said: Object, _: str) -> Object:
    coupon = first(said, "coupon", "coupon_id", "coupon_name")
    return said if coupon is None else {**said, "coupon": text(coupon)}


def _search(said: Object, _: str) -> Object:
    return said


def _review(said: Object, _: str) -> Object:
    """A review: its words, its stars, and what it is about."""
    words, stars = first(said, "review_body", "text"), _number(first(said, "rating", "stars"))
    if words is None and stars is None:
        raise Rejected("missing_field", "/properties/review_body", "review_body is missing: a review says something.")
    sku, order_id = first(said, *_SKU), first(said, "order_id")
    about = {name: text(value) for name, value in (("sku", sku), ("order_id", order_id)) if not blank(value)}
    told = {"text": "" if words is None else text(words), **({} if stars is None else {"stars": stars})}
    return {**said, **told, **({"about": about} if about else {})}


_EVENTS: Mapping[str, Commerce] = MappingProxyType(
    {
        "order_completed": Commerce("order.completed", _order),
        "order_updated": Commerce("order.updated", _changed),
        "order_refunded": Commerce("order.refunded", _refunded),
        "order_cancelled": Commerce("order.cancelled", _cancelled),
        "product_viewed": Commerce("product.viewed", _product),
        "product_added": Commerce("product.added", _product),
        "product_removed": Commerce("product.removed", _product),
        "product_added_to_wishlist": Commerce("product.favourited", _product),
        "wishlist_product_added_to_cart": Commerce("product.added", _product),
        "product_shared": Commerce("product.shared", _product),
        "product_reviewed": Commerce("feedback.reviewed", _review),
        "products_searched": Commerce("search.performed", _search),
        "checkout_started": Commerce("checkout.started", _search),
        "coupon_applied": Commerce("coupon.redeemed", _coupon),
        "application_opened": Commerce("app.opened", _search),
    }
)
_OLD_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "completed_order": "order_completed",
        "updated_order": "order_updated",
        "refunded_order": "order_refunded",
        "cancelled_order": "order_cancelled",
        "canceled_order": "order_cancelled",
        "order_canceled": "order_cancelled",
        "viewed_product": "product_viewed",
        "added_product": "product_added",
        "removed_product": "product_removed",
        "added_product_to_wishlist": "product_added_to_wishlist",
        "shared_product": "product_shared",
        "reviewed_product": "product_reviewed",
        "searched_products": "products_searched",
        "started_checkout": "checkout_started",
        "applied_coupon": "coupon_applied",
        "opened_application": "application_opened",
    }
)
"""The first version of the specification put the verb first."""
