"""Orders: placed, paid, completed, changed, shipped, cancelled, refunded. They may go without ids."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.events.envelope import Data, Envelope
from schemas.events.fields import Currency, Key, Money, Quantity, SourceName


class Line(Data):
    """One article of an order; `amount` is for the whole quantity."""

    sku: Key
    name: str | None = None
    category: str | None = None
    brand: str | None = None
    quantity: Quantity
    amount: Money


Lines = Annotated[list[Line], Field(max_length=500)]


class AboutOrder(Data):
    """What every event of an order says."""

    order_id: Key
    order_source: SourceName | None = Field(None, description="the source whose order this is, if another's")


class OrderChange(AboutOrder):
    """What may have changed: everything is optional."""

    currency: Currency | None = None
    total: Money | None = None
    lines: Lines | None = None
    discount: Money | None = None
    shipping: Money | None = None
    coupon: str | None = None
    payment_method: str | None = None


class Order(OrderChange):
    """A whole order."""

    total: Money
    lines: Lines


class Payment(AboutOrder):
    """One payment; a deposit and a balance are two."""

    currency: Currency | None = None
    amount: Money
    method: str | None = None


class Shipment(AboutOrder):
    """One parcel on its way."""

    carrier: str | None = None
    tracking_no: Key | None = None


class Cancellation(AboutOrder):
    """The whole order is off."""

    reason: str | None = None


class Refund(AboutOrder):
    """One refund; sent again under its refund_id, the latest amount holds."""

    refund_id: Key
    currency: Currency | None = None
    amount: Money
    lines: Lines | None = None
    reason: str | None = None


class OrderEvent(Envelope):
    """An event of an order: without ids it is of whose the order is."""

    least_ids: ClassVar[int] = 0
    thing: ClassVar[Literal["order"]] = "order"
    data: AboutOrder


class OrderStated(OrderEvent):
    """The whole order, as placed or as completed."""

    type: Literal["order.placed", "order.completed"]
    data: Order


class OrderUpdated(OrderEvent):
    """Something about the order is now otherwise."""

    type: Literal["order.updated"]
    data: OrderChange


class OrderPaid(OrderEvent):
    """Money came in."""

    type: Literal["order.paid"]
    data: Payment


class OrderShipped(OrderEvent):
    """Goods went out."""

    type: Literal["order.shipped"]
    data: Shipment


class OrderCancelled(OrderEvent):
    """The order never was, as far as counting goes."""

    type: Literal["order.cancelled"]
    data: Cancellation


class OrderRefunded(OrderEvent):
    """Money went back."""

    type: Literal["order.refunded"]
    data: Refund
