"""What customers look at and do: products, pages, screens, searches, stores, coupons, groups."""

from __future__ import annotations

from typing import Literal

from schemas.events.envelope import Data, Envelope
from schemas.events.fields import Currency, Key, Money, Quantity


class Product(Data):
    """One article, and how many of it."""

    sku: Key
    name: str | None = None
    category: str | None = None
    price: Money | None = None
    currency: Currency | None = None
    quantity: Quantity | None = None


class Visit(Data):
    """Where it happened and what was asked for."""

    url: str | None = None
    query: str | None = None
    coupon: str | None = None


class ProductEvent(Envelope):
    """A customer and a product."""

    type: Literal["product.viewed", "product.added", "product.removed", "product.favourited", "product.shared"]
    data: Product


class VisitEvent(Envelope):
    """A customer at one of our places."""

    type: Literal[
        "page.viewed",
        "screen.viewed",
        "search.performed",
        "checkout.started",
        "app.opened",
        "store.visited",
        "coupon.claimed",
        "coupon.redeemed",
        "group.joined",
    ]
    data: Visit
