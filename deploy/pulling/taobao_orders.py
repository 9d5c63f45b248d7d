"""Trades and refunds of 淘宝/天猫 Taobao as native events. Pure.

A buyer is known by `buyer_open_uid`, which means something to this application only (`ouid`), by a nick that is not
masked, and by the OAID of the addressee, which joins nobody. Only `order.updated` says them; all else is of whose the
order is.
"""

from __future__ import annotations

from collections.abc import Iterator

from deploy.pulling.saying import moment, opaque, yuan
from deploy.pulling.steps import cancelled, first_time, refunded, step, updated
from ingest.channels.channel import Native
from ingest.channels.shop.facts import Facts, amount, inner, line, objects, required, told
from ingest.channels.values import Object, blank, first, text

_CURRENCY = "CNY"
_FINISHED, _CLOSED_UNPAID = "TRADE_FINISHED", "TRADE_CLOSED_BY_TAOBAO"
_PAID_IN_FULL = "FRONT_PAID_FINAL_PAID"


def order(trade: Object, facts: Facts) -> Iterator[Native]:
    """Its state now, and whatever became of it so far; told again, all but new things have the same ids."""
    number, state = required(trade, "tid"), _state(trade)
    ids, changed = _buyer(trade), first_time(trade, "modified", "created")
    yield updated(facts, number, changed, state, ids)
    yield step(facts, number, "placed", moment(trade.get("created")), _whole(state))
    if paid := _paid_at(trade):
        yield step(facts, number, "paid", paid, told(order_id=number, currency=_CURRENCY, amount=state.get("total")))
    for sent, parcel in _parcels(trade):
        yield step(facts, number, "shipped", sent, {"order_id": number, **parcel})
    if trade.get("status") == _FINISHED:
        yield step(facts, number, "completed", first_time(trade, "end_time", "modified"), _whole(state))
    if trade.get("status") == _CLOSED_UNPAID:
        yield cancelled(facts, number, first_time(trade, "end_time", "modified"))


def refund(item: Object, facts: Facts) -> Iterator[Native]:
    """A refund that was paid out; when, its last change says."""
    data = told(
        order_id=required(item, "tid"),
        refund_id=required(item, "refund_id"),
        currency=_CURRENCY,
        amount=yuan(item.get("refund_fee")),
        reason=text(item.get("reason")),
    )
    yield refunded(facts, first_time(item, "modified", "created"), data)


def _buyer(trade: Object) -> Object:
    nick = opaque(trade.get("buyer_nick"))
    return told(
        ouid=opaque(trade.get("buyer_open_uid")),
        buyer_nick=nick if nick and "*" not in nick else None,
        oaid=opaque(trade.get("oaid")),
    )


def _paid_at(trade: Object) -> str | None:
    """When it was paid in full: a deposit alone is no payment of the order."""
    steps = trade.get("step_trade_status")
    return moment(trade.get("pay_time")) if blank(steps) or steps == _PAID_IN_FULL else None


def _parcels(trade: Object) -> list[tuple[str, Object]]:
    """Each parcel once, with its time; an order that was sent without a number is one parcel."""
    found: dict[str, tuple[str, Object]] = {}
    for each in objects(inner(trade, "orders"), "order"):
        sent = first_time(each, "consign_time") or moment(trade.get("consign_time"))
        number = opaque(each.get("invoice_no"))
        if sent and number and number not in found:
            found[number] = sent, told(carrier=text(each.get("logistics_company")), tracking_no=number)
    sent = moment(trade.get("consign_time"))
    return list(found.values()) or ([(sent, {})] if sent else [])


def _state(trade: Object) -> Object:
    return {
        **told(
            order_id=required(trade, "tid"),
            currency=_CURRENCY,
            total=yuan(trade.get("payment")),
            discount=yuan(trade.get("discount_fee")),
            shipping=yuan(trade.get("post_fee")),
            status=trade.get("status"),
        ),
        "lines": [_line(each) for each in objects(inner(trade, "orders"), "order") if amount(each.get("num")) > 0],
    }


def _whole(state: Object) -> Object:
    """The order without what will change."""
    return {name: value for name, value in state.items() if name != "status"}


def _line(each: Object) -> Object:
    sku = first(each, "outer_sku_id", "outer_iid", "sku_id", "num_iid", "oid")
    paid = amount(first(each, "divide_order_fee", "payment", "total_fee"))
    return line(sku, each["num"], paid, {"name": each.get("title")})
