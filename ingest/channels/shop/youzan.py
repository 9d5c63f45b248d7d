"""有赞 Youzan's pushed messages: orders and refunds, signed with the application's secret.

`msg` is the content, as JSON that is percent-encoded, or in newer messages an object.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import unquote_plus

from ingest.channels.channel import Call, Native
from ingest.channels.shop.facts import Facts, amount, fingerprint, inner, line, objects, required, told
from ingest.channels.shop.platform import Account
from ingest.channels.shop.signatures import md5_between, same
from ingest.channels.values import Json, Object, blank, first, text
from schemas.decoding import decode_event, is_deeper_than
from schemas.door import MAX_DEPTH
from schemas.errors import Rejected
from schemas.sources import Source
from schemas.times import format_time

_LOCAL = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?\Z")
_PHONE = re.compile(r"\+?[0-9][0-9 -]{5,19}\Z")
_CLOSED_BY_REFUND = ("2", "6", "22")
"""Close types: marked as refunded, refunded in part, order refused. The refund itself is told by its own message."""


class _Said(NamedTuple):
    msg: Object
    version: str
    received_at: str
    facts: Facts

    @property
    def order(self) -> Object:
        """The whole order; {} in messages that only name it."""
        return inner(self.msg, "full_order_info")

    @property
    def info(self) -> Object:
        """Its head, or what stands for it."""
        return inner(self.order, "order_info") or self.msg

    def at(self, *names: str) -> Json:
        """The first of some times of the order, else when the message was received."""
        found = first(self.info, *names) or first(self.msg, "update_time")
        return _beijing(found) if found is not None else self.received_at


class Youzan:
    """Orders and refunds."""

    name = "youzan"
    answer = b'{"code":0,"msg":"success"}'
    pointers: Sequence[tuple[str, str]] = (("/data", "/msg"), ("/ids", "/msg"), ("/occurred_at", "/msg"))

    def genuine(self, call: Call, account: Account) -> bool:
        """`Event-Sign`: hex MD5 of client id, body and client secret."""
        presented = call.headers.get("event-sign", "").lower()
        return True in [same(presented, md5_between(account.client_id, each, call.body)) for each in account.secrets]

    def greets(self, call: Call) -> bool:  # noqa: ARG002 -- as every platform
        """Never: even its tests are signed."""
        return False

    def meaning(self, message: Object, call: Call, source: Source) -> Sequence[Native]:  # noqa: ARG002 -- ids are global
        """What a message of this type means; a test of the console's means nothing."""
        if str(message.get("test")).lower() == "true":
            return []
        kind = message.get("type")
        meant = _MEANT.get(kind.lower()) if isinstance(kind, str) else None
        if meant is None:
            raise Rejected("unknown_type", "/type", "This type is not taken: see the page about this channel.")
        msg, version = _content(message.get("msg")), str(text(message.get("version")) or "")
        context = told(type=kind, shop=text(message.get("kdt_id")), msg_id=text(message.get("msg_id")))
        facts = Facts(self.name, "youzan", context)
        return list(meant(_Said(msg, version, format_time(call.received_at), facts)))


def _placed(said: _Said) -> Iterator[Native]:
    if not said.order:
        yield from _changed(said)
        return
    known_as = f"order:{_tid(said)}:placed"
    yield said.facts.event(known_as, "order.placed", said.at("created"), _state(said), _buyer(said))


def _paid(said: _Said) -> Iterator[Native]:
    """The instalments of an order are not told apart: what is paid is its whole price."""
    payment = first(inner(said.order, "pay_info"), "payment")
    if payment is None:
        yield from _changed(said)
        return
    yield from _changed(said)
    data = told(order_id=_tid(said), currency="CNY", amount=payment, method=_method(said))
    known_as = f"order:{_tid(said)}:paid:{fingerprint(data)}"
    yield said.facts.event(known_as, "order.paid", said.at("pay_time"), data, _buyer(said), derived=True)


def _changed(said: _Said) -> Iterator[Native]:
    """The state of an order, or only that it changed."""
    state = _state(said) if said.order else {"order_id": _tid(said)}
    at = said.at("update_time")
    known_as = f"order:{_tid(said)}:updated:{said.version or at}:{fingerprint(state)}"
    yield said.facts.event(known_as, "order.updated", at, state, _buyer(said), derived=True)


def _shipped(said: _Said) -> Iterator[Native]:
    """One event a parcel; at least one."""
    deliveries = objects(said.msg, "delivery_order")
    parcels = [inner(each, "express_info") for delivery in deliveries for each in objects(delivery, "dists")]
    for parcel in parcels or [{}]:
        data = told(order_id=_tid(said), carrier=text(parcel.get("express_id")), tracking_no=parcel.get("express_no"))
        known_as = f"order:{data['order_id']}:shipped:{fingerprint(data)}"
        yield said.facts.part(known_as, "order.shipped", said.at("consign_time", "update_time"), data, derived=True)


def _closed(said: _Said) -> Iterator[Native]:
    closed_by = text(first(said.info, "close_type"))
    if closed_by in _CLOSED_BY_REFUND:
        yield from _changed(said)
        return
    data = told(order_id=_tid(said), reason=first(said.info, "close_reason") or closed_by)
    known_as = f"order:{data['order_id']}:cancelled"
    yield said.facts.part(known_as, "order.cancelled", said.at("update_time"), data, derived=True)


def _refunded(said: _Said) -> Iterator[Native]:
    data = told(
        order_id=_tid(said),
        refund_id=required(said.msg, "refund_id"),
        currency="CNY",
        amount=first(said.msg, "refunded_fee", "refund_fee"),
        reason=text(said.msg.get("refund_reason")),
    )
    known_as = f"refund:{data['refund_id']}:{fingerprint(data)}"
    yield said.facts.part(known_as, "order.refunded", said.at("update_time"), data, derived=True)


def _agreed(said: _Said) -> Iterator[Native]:
    """Where nothing comes back, the seller's yes is the refund."""
    if said.msg.get("refund_type") == "REFUND_ONLY":
        yield from _refunded(said)


def _nothing(said: _Said) -> Iterator[Native]:  # noqa: ARG001 -- as all
    """A step that moves neither goods nor money."""
    yield from ()


_MEANT: Mapping[str, Callable[[_Said], Iterator[Native]]] = MappingProxyType(
    {
        "trade_tradecreate": _placed,
        "trade_tradepaid": _paid,
        "trade_tradebuyerpay": _paid,
        "trade_tradepartlysellership": _shipped,
        "trade_tradesellership": _shipped,
        "trade_tradesuccess": _changed,
        "trade_tradeclose": _closed,
        "trade_tradememomodified": _nothing,
        "trade_refund_buyercreated": _nothing,
        "trade_refund_buyermodified": _nothing,
        "trade_refund_refundclosed": _nothing,
        "trade_refund_refundselleragree": _agreed,
        "trade_refund_refundsuccess": _refunded,
        "trade_refund_sysrefund": _refunded,
        "youzan_trade_refundcreated": _nothing,
        "youzan_trade_refundclosed": _nothing,
        "youzan_trade_refundselleragree": _nothing,
        "youzan_trade_refundsuccess": _refunded,
    }
)


def _content(msg: Json) -> Object:
    """The content, decoded. Raises Rejected."""
    if isinstance(msg, dict):
        return msg
    if not isinstance(msg, str):
        raise Rejected("invalid_type", "/msg", "msg should be JSON, percent-encoded, or an object.")
    raw = (msg if msg.lstrip().startswith("{") else unquote_plus(msg)).encode("utf-8", "replace")
    try:
        content = decode_event(raw)
    except Rejected as why:
        raise Rejected(why.code, "/msg", "msg is not JSON, percent-encoded.") from None
    if is_deeper_than(MAX_DEPTH, content, raw):
        raise Rejected("too_deep", "/msg", f"msg is nested deeper than {MAX_DEPTH} levels.")
    return content


def _beijing(written: Json) -> Json:
    """Youzan's times are Beijing's, without saying so; anything else the door judges."""
    local = _LOCAL.match(written) if isinstance(written, str) else None
    return f"{local[1]}T{local[2]}+08:00" if local else written


def _tid(said: _Said) -> str:
    number = text(first(said.info, "tid") or said.msg.get("tid"))
    if not isinstance(number, str) or blank(number):
        raise Rejected("missing_field", "/msg", "msg has no tid: it says which order this is about.")
    return number


def _buyer(said: _Said) -> Object:
    """Ids that mean something in this shop, and a phone that is in the clear."""
    buyer = inner(said.order, "buyer_info")
    phone = first(buyer, "buyer_phone", "mobile")
    return told(
        ouid=text(first(buyer, "yz_open_id")),
        wechat_openid=buyer.get("outer_user_id"),
        phone=phone if isinstance(phone, str) and _PHONE.match(phone) else None,
    )


def _method(said: _Said) -> Json:
    return text(first(said.info, "pay_type_str", "pay_type"))


def _state(said: _Said) -> Object:
    pay = inner(said.order, "pay_info")
    return {
        **told(
            order_id=_tid(said),
            currency="CNY",
            total=first(pay, "payment", "total_fee"),
            shipping=pay.get("post_fee"),
            payment_method=_method(said),
            status=said.info.get("status"),
        ),
        "lines": [_line(each) for each in objects(said.order, "orders") if amount(each.get("num")) > 0],
    }


def _line(item: Object) -> Object:
    sku = first(item, "outer_sku_id", "outer_item_id") or item.get("sku_id") or first(item, "item_id", "id", "oid")
    return line(sku, item["num"], amount(first(item, "payment", "total_fee")), {"name": item.get("title")})
