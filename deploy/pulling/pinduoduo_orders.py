"""Orders and refunds of 拼多多 Pinduoduo as native events. Pure.

Buyers are ciphertext there. What an order has in common with another of the same addressee is its `open_address_id`,
which means something in this shop only, and joins nobody: an `oaid`. Only `order.updated` says it, since a shipped
order may have lost it; all else is of whose the order is.
"""

from __future__ import annotations

from collections.abc import Iterator

from deploy.pulling.saying import moment, opaque, yuan
from deploy.pulling.steps import cancelled, first_time, refunded, step, updated
from ingest.channels.channel import Native
from ingest.channels.shop.facts import Facts, amount, inner, line, objects, required, told
from ingest.channels.values import Object, first, text

_CURRENCY = "CNY"
_CANCELLED, _GROUP_FAILED = "2", "2"
_SHIPPED, _RECEIVED = ("2", "3"), "3"
_PAID_IN_FULL = "2"


def order(item: Object, facts: Facts) -> Iterator[Native]:
    """Its state now, and whatever became of it so far; told again, all but new things have the same ids."""
    number, state = required(item, "order_sn"), _state(item)
    ids, changed = told(oaid=opaque(item.get("open_address_id"))), first_time(item, "updated_at", "created_time")
    yield updated(facts, number, changed, state, ids)
    yield step(facts, number, "placed", first_time(item, "created_time", "confirm_time"), _whole(state))
    if paid := _paid_at(item):
        data = told(order_id=number, currency=_CURRENCY, amount=state.get("total"), method=item.get("pay_type"))
        yield step(facts, number, "paid", paid, data)
    if (shipped := moment(item.get("shipping_time"))) and text(item.get("order_status")) in _SHIPPED:
        carrier, parcel = opaque(item.get("logistics_id")), opaque(item.get("tracking_number"))
        yield step(facts, number, "shipped", shipped, told(order_id=number, carrier=carrier, tracking_no=parcel))
    if (received := moment(item.get("receive_time"))) and text(item.get("order_status")) == _RECEIVED:
        yield step(facts, number, "completed", received, _whole(state))
    if text(item.get("confirm_status")) == _CANCELLED or text(item.get("group_status")) == _GROUP_FAILED:
        yield cancelled(facts, number, changed)


def refund(item: Object, facts: Facts) -> Iterator[Native]:
    """A refund that was paid out; when, its last change says."""
    data = told(
        order_id=required(item, "order_sn"),
        refund_id=required(item, "id"),
        currency=_CURRENCY,
        amount=yuan(item.get("refund_amount")),
        reason=text(item.get("after_sale_reason")),
    )
    yield refunded(facts, first_time(item, "updated_time", "created_time"), data)


def _paid_at(item: Object) -> str | None:
    """When it was paid in full: a deposit alone is no payment of the order."""
    steps = inner(item, "step_order_info")
    if steps and text(steps.get("step_trade_status")) != _PAID_IN_FULL:
        return None
    return moment(item.get("pay_time"))


def _state(item: Object) -> Object:
    lines = [each for each in objects(item, "item_list") if amount(each.get("goods_count")) > 0]
    return {
        **told(
            order_id=required(item, "order_sn"),
            currency=_CURRENCY,
            total=yuan(item.get("pay_amount")),
            discount=yuan(item.get("discount_amount")),
            shipping=yuan(item.get("postage")),
            payment_method=item.get("pay_type"),
            status=text(item.get("order_status")),
            refund_status=text(item.get("refund_status")),
        ),
        "lines": [_line(each, item if len(lines) == 1 else None) for each in lines],
    }


def _whole(state: Object) -> Object:
    """The order without what will change."""
    return {name: value for name, value in state.items() if name not in {"status", "refund_status"}}


def _line(each: Object, alone_in: Object | None) -> Object:
    """An article; alone in its order it costs what was paid for it, among others its price."""
    if alone_in is not None and alone_in.get("pay_amount") is not None:
        paid = amount(alone_in["pay_amount"]) - amount(alone_in.get("postage"))
    else:
        paid = amount(each.get("goods_price")) * amount(each["goods_count"])
    sku = first(each, "outer_id", "sku_id", "outer_goods_id", "goods_id")
    return line(sku, each["goods_count"], paid, {"name": each.get("goods_name")})
