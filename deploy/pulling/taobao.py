"""淘宝/天猫 Taobao's open platform (TOP).

`taobao.trades.sold.increment.get` says which trades changed, `taobao.trade.fullinfo.get` how they are now,
`taobao.refunds.receive.get` what was paid back. Documented: windows of at most a day, better of 30 minutes, pages of 40
to 50 read from the last to the first, trades of the last three months, a timestamp of Beijing within 10 minutes of the
platform's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from types import MappingProxyType

from deploy.pulling import taobao_orders as orders
from deploy.pulling.platform import Detail, Feed, Page, Parameters, Trouble
from deploy.pulling.saying import code, together
from deploy.pulling.signatures import hmac_sha256
from deploy.pulling.windows import Window
from ingest.channels.shop.facts import inner, objects, required
from ingest.channels.values import Object, text
from schemas.channel_settings import TaobaoSettings

_BEIJING = timezone(timedelta(hours=8))
_PAGE = 50
_TRADE = (
    "tid,type,status,created,modified,pay_time,consign_time,end_time,payment,post_fee,discount_fee,step_trade_status,"
    "buyer_nick,buyer_open_uid,oaid,receiver_name,receiver_mobile,receiver_address,orders"
)
"""The receiver's fields come masked and are not kept; Taobao makes an OAID only of trades that are asked for them."""
_REFUND = "refund_id,tid,oid,status,refund_fee,reason,created,modified"
_RENEW = "Authorize the shop anew, put the new session into CDP_CHANNELS, and start the pull again."
_ADVICE: Mapping[str, str] = MappingProxyType(
    {
        "11": "The application lacks the permission for this interface: apply for it in Taobao's console.",
        "12": f"The seller did not allow this. {_RENEW}",
        "13": "The application lacks the permission for this interface: apply for it in Taobao's console.",
        "25": "The signature is wrong: see that app_secret in CDP_CHANNELS is that of app_key, without spaces.",
        "26": f"The session is missing. {_RENEW}",
        "27": f"The session is wrong or has expired. {_RENEW}",
        "29": "The app_key is wrong: see CDP_CHANNELS.",
        "31": "The clock is more than 10 minutes off: set this machine's clock.",
        "53": f"The session's security level is too low. {_RENEW}",
    }
)
_BUSY = frozenset({"4", "5", "6", "7", "8"})
_BROKEN = frozenset({"10"})
_BAN = re.compile(r"ban will last (?:for )?([0-9]{1,6}) (?:more )?seconds")


@dataclass(frozen=True, slots=True)
class Taobao:
    """One shop, by the session it gave."""

    said: TaobaoSettings

    name = "taobao"
    widest = timedelta(minutes=30)
    settles = timedelta(minutes=3)
    reach = timedelta(days=90)

    @property
    def url(self) -> str:
        """The gateway."""
        return self.said.url

    @property
    def feeds(self) -> Sequence[Feed]:
        """Trades and refunds."""
        return _FEEDS

    def signed(self, method: str, parameters: Parameters, now: datetime) -> Parameters:
        """With the common parameters, and the HMAC of all of them."""
        sent = {
            **parameters,
            "method": method,
            "app_key": self.said.app_key,
            "session": self.said.session.get_secret_value(),
            "timestamp": _written(now),
            "format": "json",
            "v": "2.0",
            "sign_method": "hmac-sha256",
        }
        return {**sent, "sign": hmac_sha256(sent, self.said.app_secret.get_secret_value())}

    def trouble(self, answer: Object) -> Trouble | None:
        """`error_response`, by its `code` and `sub_code`; `isp.…` is Taobao's own fault and passes."""
        if "error_response" not in answer:
            return None
        error = inner(answer, "error_response")
        number, sub = code(error.get("code")), code(error.get("sub_code"))
        known = together(number, sub)
        ban = _BAN.search(f"{error.get('msg')} {error.get('sub_msg')}")
        again = number in _BUSY | _BROKEN or sub.startswith(("isp.", "accesscontrol.limited"))
        return Trouble(known, _ADVICE.get(number, ""), again, float(ban[1]) + 1 if ban else None)


def _written(moment: datetime) -> str:
    return moment.astimezone(_BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def _span(window: Window, page: int) -> dict[str, str]:
    return {
        "start_modified": _written(window.start),
        "end_modified": _written(window.end),
        "page_no": str(page),
        "page_size": str(_PAGE),
    }


def _trades_asked(window: Window, page: int) -> Parameters:
    return {**_span(window, page), "fields": "tid,modified"}


def _refunds_asked(window: Window, page: int) -> Parameters:
    return {**_span(window, page), "fields": _REFUND, "status": "SUCCESS"}


def _trade_asked(item: Object) -> Parameters:
    return {"tid": required(item, "tid"), "fields": _TRADE, "include_oaid": "include_oaid"}


def _trade_read(answer: Object) -> Object | None:
    return inner(inner(answer, "trade_fullinfo_get_response"), "trade") or None


def _page(answer: Object, envelope: str, several: str, one: str) -> Page | None:
    """An empty list is not written at all, its total is."""
    body = inner(answer, envelope)
    total = text(body.get("total_results"))
    if not isinstance(total, str) or not total.isdecimal():
        return None
    return Page(list(objects(inner(body, several), one)), int(total))


_FEEDS = (
    Feed(
        "orders",
        "taobao.trades.sold.increment.get",
        _PAGE,
        _trades_asked,
        lambda answer: _page(answer, "trades_sold_increment_get_response", "trades", "trade"),
        orders.order,
        Detail("taobao.trade.fullinfo.get", _trade_asked, _trade_read),
    ),
    Feed(
        "refunds",
        "taobao.refunds.receive.get",
        _PAGE,
        _refunds_asked,
        lambda answer: _page(answer, "refunds_receive_get_response", "refunds", "refund"),
        orders.refund,
    ),
)
