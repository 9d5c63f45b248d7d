"""拼多多 Pinduoduo's open platform: `pdd.order.number.list.increment.get` and `pdd.refund.list.increment.get`.

Documented: windows of at most 30 minutes that end at least 3 minutes ago, pages of at most 100 read from the last to
the first, orders of the last three months, a timestamp within 10 minutes of the platform's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from deploy.pulling import pinduoduo_orders as orders
from deploy.pulling.platform import Feed, Page, Parameters, Trouble
from deploy.pulling.saying import code, together
from deploy.pulling.signatures import md5_around
from deploy.pulling.windows import Window
from ingest.channels.shop.facts import inner, objects
from ingest.channels.values import Object, text
from schemas.channel_settings import PinduoduoSettings

_PAGE = 100
_RENEW = (
    "Authorize the shop anew in Pinduoduo's open platform (a refresh does not prolong a token), put the new "
    "access_token into CDP_CHANNELS, and start the pull again."
)
_ADVICE: Mapping[str, str] = MappingProxyType(
    {
        "10019": f"The access_token has expired. {_RENEW}",
        "20004": "The signature is wrong: see that client_secret in CDP_CHANNELS is that of client_id, without spaces.",
        "20005": "Put this machine's address on the application's IP whitelist in Pinduoduo's console.",
        "20031": "The application lacks the permission for this interface: apply for it in Pinduoduo's console.",
        "20032": f"The access_token or client_id is wrong. {_RENEW}",
        "70032": "Pinduoduo forbids this request: ask its support.",
        "70034": "Pinduoduo sees a risk in this application: ask its support.",
        "70035": "Pinduoduo sees a risk in this application: ask its support.",
        "70036": "The application is in test, and its calls are used up: have it put online in Pinduoduo's console.",
    }
)
_BUSY = frozenset({"52101", "70031"})
_BROKEN = frozenset({"50000", "50001", "50002", "52001", "52002", "52102", "52103", "70033"})


@dataclass(frozen=True, slots=True)
class Pinduoduo:
    """One shop, by the token it gave."""

    said: PinduoduoSettings

    name = "pinduoduo"
    widest = timedelta(minutes=30)
    settles = timedelta(minutes=3)
    reach = timedelta(days=90)

    @property
    def url(self) -> str:
        """The gateway."""
        return self.said.url

    @property
    def feeds(self) -> Sequence[Feed]:
        """Orders and refunds."""
        return _FEEDS

    def signed(self, method: str, parameters: Parameters, now: datetime) -> Parameters:
        """With the common parameters, and the MD5 around all of them."""
        sent = {
            **parameters,
            "type": method,
            "client_id": self.said.client_id,
            "access_token": self.said.access_token.get_secret_value(),
            "timestamp": str(int(now.timestamp())),
            "data_type": "JSON",
        }
        return {**sent, "sign": md5_around(sent, self.said.client_secret.get_secret_value())}

    def trouble(self, answer: Object) -> Trouble | None:
        """`error_response`, by its `error_code`."""
        if "error_response" not in answer:
            return None
        error = inner(answer, "error_response")
        number = code(error.get("error_code"))
        known = together(number, code(error.get("sub_code")))
        return Trouble(known, _ADVICE.get(number, ""), again=number in _BUSY | _BROKEN)


def _span(window: Window, page: int) -> dict[str, str]:
    return {
        "start_updated_at": str(int(window.start.timestamp())),
        "end_updated_at": str(int(window.end.timestamp())),
        "page": str(page),
        "page_size": str(_PAGE),
    }


def _orders_asked(window: Window, page: int) -> Parameters:
    """All states of delivery (5) and refund (5), lottery or not (0)."""
    return {**_span(window, page), "order_status": "5", "refund_status": "5", "is_lucky_flag": "0"}


def _refunds_asked(window: Window, page: int) -> Parameters:
    """Those that were paid out (10), of every type (1)."""
    return {**_span(window, page), "after_sales_status": "10", "after_sales_type": "1"}


def _page(answer: Object, envelope: str, items: str) -> Page | None:
    body = inner(answer, envelope)
    total = text(body.get("total_count"))
    if not isinstance(total, str) or not total.isdecimal():
        return None
    return Page(list(objects(body, items)), int(total))


_FEEDS = (
    Feed(
        "orders",
        "pdd.order.number.list.increment.get",
        _PAGE,
        _orders_asked,
        lambda answer: _page(answer, "order_sn_increment_get_response", "order_sn_list"),
        orders.order,
    ),
    Feed(
        "refunds",
        "pdd.refund.list.increment.get",
        _PAGE,
        _refunds_asked,
        lambda answer: _page(answer, "refund_increment_get_response", "refund_list"),
        orders.refund,
    ),
)
