"""How often one address may send to what is open to anybody: a token bucket for each, none of them kept for long."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable
from ipaddress import IPv6Address, ip_address

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ingest.refusals import RetryLater
from schemas.http.problems import problem_response

_MOST_BUCKETS = 100_000
"""Beyond that the longest unused is forgotten: memory stays bounded, whoever sends."""
_NETWORK_OF_ONE = 64
_MINUTE = 60.0


class AddressLimit:
    """`rate` requests a minute for each key, a minute's worth at once; 0 = no limit. A cache of this process."""

    def __init__(self, rate: int, now: Callable[[], float]) -> None:
        self._rate = rate
        self._now = now
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def spend(self, key: tuple[str, str]) -> None:
        """Take one. Raises RetryLater `rate_limited` where there is none left."""
        if not self._rate:
            return
        now = self._now()
        left, since = self._buckets.pop(key, (float(self._rate), now))
        left = min(float(self._rate), left + (now - since) * self._rate / _MINUTE)
        self._buckets[key] = (left - 1 if left >= 1 else left, now)
        if len(self._buckets) > _MOST_BUCKETS:
            self._buckets.popitem(last=False)
        if left < 1:
            seconds = (1 - left) * _MINUTE / self._rate
            raise RetryLater("rate_limited", f"An address may send {self._rate} a minute.", seconds)


class PublicRate:
    """ASGI middleware for some paths, written as templates: those of one template's first segment share a bucket.

    A form has one of its own; links share one.
    """

    def __init__(self, app: ASGIApp, limit: AddressLimit, each: Iterable[str], together: Iterable[str]) -> None:
        self._app = app
        self._limit = limit
        self._each, self._together = _matching(each), _matching(together)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse before anything is read."""
        name = self._bucket(scope)
        if name:
            try:
                self._limit.spend((_address(scope), name))
            except RetryLater as why:
                headers = {"Retry-After": str(why.seconds)}
                answer = problem_response(Request(scope), why.code, why.message, headers)
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _bucket(self, scope: Scope) -> str:
        if scope["type"] != "http" or scope["method"] == "OPTIONS":
            return ""
        path: str = scope["path"]
        if self._each.fullmatch(path):
            return path[:200]
        return "together" if self._together.fullmatch(path) else ""


def _matching(templates: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(each)) for each in templates) or r"\b\B")


def _address(scope: Scope) -> str:
    """Who sends, as far as the server knows; of IPv6 the network, since one household has billions of addresses."""
    host = (scope.get("client") or ("", 0))[0]
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(int(address) >> _NETWORK_OF_ONE)
    return host
