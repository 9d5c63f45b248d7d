"""Shop platforms to be pulled, over real HTTP: they check what is documented of requests, and answer as documented.

Signatures are worked out here once more, from the documentation and not by the code that is tested.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.stack.waiting import until

Json = dict[str, Any]
Asked = Mapping[str, str]
Span = tuple[datetime, datetime]
SECRET, TOKEN = "hush-secret", "hush-token"
_BEIJING = timedelta(hours=8)


def beijing(moment: datetime) -> str:
    """As both platforms write times."""
    return (moment.astimezone(UTC) + _BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def from_beijing(written: str) -> datetime:
    """As both platforms mean them."""
    return datetime.strptime(written, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) - _BEIJING


@dataclass
class StandIn:
    """What both have in common: orders and refunds by when they changed, answers that come first, a way to hold on."""

    orders: list[Json] = field(default_factory=list)
    refunds: list[Json] = field(default_factory=list)
    first: list[Response] = field(default_factory=list)
    """Answers given to the next requests, whatever they ask."""
    asked: list[Asked] = field(default_factory=list)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    on_page: Callable[[Asked], None] = lambda _: None
    """Called before a list is answered."""
    hold_at: int = 0
    """The request that gets no answer until `go_on`; 0 for none."""
    holds: Event = field(default_factory=Event)
    go_on: Event = field(default_factory=Event)
    url: str = ""

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        asked = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True, strict_parsing=True))
        self.asked.append(asked)
        if self.hold_at == len(self.asked):
            self.holds.set()
            await run_in_threadpool(self.go_on.wait, 60)
        if request.url.query or request.headers["content-type"].split(";")[0] != "application/x-www-form-urlencoded":
            return Response("Parameters belong into the body.", 400)
        if self.first:
            return self.first.pop(0)
        return JSONResponse(self.said(asked))

    def said(self, asked: Asked) -> Json:
        """The answer to a request that can be read."""
        raise NotImplementedError

    def lists(self, name: str) -> list[Asked]:
        """The questions for a list so far."""
        return [each for each in self.asked if each.get("type", each.get("method")) == name]

    def page(
        self, asked: Asked, found: list[Json], span: tuple[datetime, datetime], changed: str
    ) -> tuple[int, list[Json]]:
        """How many changed within the window, and those of the page, the newest first."""
        self.on_page(asked)
        inside = [each for each in found if span[0] <= from_beijing(each[changed]) <= span[1]]
        inside.sort(key=lambda each: str(each[changed]), reverse=True)
        number, size = int(asked.get("page") or asked["page_no"]), int(asked["page_size"])
        return len(inside), inside[(number - 1) * size : number * size]


class PinduoduoStandIn(StandIn):
    """拼多多 Pinduoduo."""

    def said(self, asked: Asked) -> Json:
        unsigned = {name: value for name, value in asked.items() if name != "sign"}
        joined = SECRET + "".join(name + unsigned[name] for name in sorted(unsigned)) + SECRET
        start, end = (datetime.fromtimestamp(int(asked[f"{at}_updated_at"]), UTC) for at in ("start", "end"))
        late = abs(self.clock().timestamp() - int(asked["timestamp"])) > 600
        common = (asked["client_id"], asked["access_token"], asked["data_type"])
        wide = not timedelta() < end - start <= timedelta(minutes=30)
        checks = [
            (hashlib.md5(joined.encode()).hexdigest().upper() != asked["sign"], 20004, "签名sign校验失败"),  # noqa: S324
            (late, 20003, "timestamp过期"),
            (common != ("client-7", TOKEN, "JSON"), 10019, "access_token已过期"),
            (wide or int(asked["page_size"]) > 100, 21001, "请求参数错误"),
            (end > self.clock() - timedelta(minutes=2, seconds=59), 21001, "结束时间"),
            (asked["type"] not in self._lists, 10001, "公共参数错误:type"),
        ]
        for wrong, code, message in checks:
            if wrong:
                return pdd_error(code, message)
        return self._lists[asked["type"]](self, asked, (start, end))

    def _orders(self, asked: Asked, span: Span) -> Json:
        if (asked["order_status"], asked["refund_status"], asked["is_lucky_flag"]) != ("5", "5", "0"):
            return pdd_error(21002, "请求参数不能为空")
        total, page = self.page(asked, self.orders, span, "updated_at")
        return {"order_sn_increment_get_response": {"total_count": total, "order_sn_list": page, "request_id": "1"}}

    def _refunds(self, asked: Asked, span: Span) -> Json:
        if asked["after_sales_type"] != "1":
            return pdd_error(21002, "请求参数不能为空")
        done = [each for each in self.refunds if str(each["after_sales_status"]) == asked["after_sales_status"]]
        total, page = self.page(asked, done, span, "updated_time")
        return {"refund_increment_get_response": {"total_count": total, "refund_list": page, "request_id": "1"}}

    _lists = {"pdd.order.number.list.increment.get": _orders, "pdd.refund.list.increment.get": _refunds}  # noqa: RUF012


class TaobaoStandIn(StandIn):
    """淘宝 Taobao. An empty list is left out of an answer."""

    def said(self, asked: Asked) -> Json:
        joined = "".join(name + asked[name] for name in sorted(asked) if name != "sign")
        signed = hmac.new(SECRET.encode(), joined.encode(), hashlib.sha256).hexdigest().upper()
        form = (asked["format"], asked["v"], asked["sign_method"])
        checks = [
            (signed != asked["sign"], 25, "Invalid signature"),
            (abs(self.clock() - from_beijing(asked["timestamp"])) > timedelta(minutes=10), 31, "Invalid timestamp"),
            ((asked["app_key"], asked["session"]) != ("12345678", TOKEN), 27, "Invalid session"),
            (form != ("json", "2.0", "hmac-sha256"), 23, "Invalid Format"),
            (asked["method"] not in self._methods, 22, "Invalid Method"),
        ]
        for wrong, code, message in checks:
            if wrong:
                return top_error(code, message)
        return self._methods[asked["method"]](self, asked)

    def _trade(self, asked: Asked) -> Json:
        whole = next(each for each in self.orders if str(each["tid"]) == asked["tid"])
        names = set(asked["fields"].split(",")) - (set() if asked["include_oaid"] else {"oaid"})
        return {"trade_fullinfo_get_response": {"trade": {name: whole[name] for name in names & whole.keys()}}}

    def _trades(self, asked: Asked) -> Json:
        total, page = self.page(asked, self.orders, self._span(asked), "modified")
        part = [{"tid": each["tid"], "modified": each["modified"]} for each in page]
        return {"trades_sold_increment_get_response": _listed(total, {"trades": {"trade": part}} if part else {})}

    def _refunds(self, asked: Asked) -> Json:
        done = [each for each in self.refunds if each["status"] == asked["status"]]
        total, page = self.page(asked, done, self._span(asked), "modified")
        return {"refunds_receive_get_response": _listed(total, {"refunds": {"refund": page}} if page else {})}

    def _span(self, asked: Asked) -> Span:
        start, end = from_beijing(asked["start_modified"]), from_beijing(asked["end_modified"])
        assert timedelta() < end - start <= timedelta(days=1)
        assert int(asked["page_size"]) <= 100
        return start, end

    _methods = {  # noqa: RUF012
        "taobao.trade.fullinfo.get": _trade,
        "taobao.trades.sold.increment.get": _trades,
        "taobao.refunds.receive.get": _refunds,
    }


def pdd_error(code: int, message: str) -> Json:
    """Pinduoduo's envelope of errors. The message is not for logs: it may hold anything."""
    error = {
        "error_code": code,
        "error_msg": f"{message} {TOKEN}",
        "sub_code": str(code),
        "sub_msg": "",
        "request_id": "1",
    }
    return {"error_response": error}


def top_error(code: int, message: str, sub_code: str = "", sub_message: str = "") -> Json:
    """TOP's envelope of errors."""
    error: Json = {"code": code, "msg": message, "sub_msg": f"{sub_message} {TOKEN}", "request_id": "1"}
    return {"error_response": {**error, "sub_code": sub_code} if sub_code else error}


def _listed(total: int, more: Json) -> Json:
    return {"total_results": total, "request_id": "1", **more}


@contextmanager
def serving(standin: StandIn) -> Iterator[StandIn]:
    """Serve it on a port of its own."""
    app = Starlette(routes=[Route("/router", standin.answer, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started, "the stand-in listens")
    port = server.servers[0].sockets[0].getsockname()[1]
    standin.url = f"http://127.0.0.1:{port}/router"
    try:
        yield standin
    finally:
        standin.go_on.set()
        server.should_exit = True
        thread.join(10)
