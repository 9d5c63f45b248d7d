"""Asks a shop platform over HTTP: signed, at a pace, within limits, and again when it says later."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import aiohttp
import structlog

from deploy.errors import CannotPull, NotNow
from deploy.pulling.platform import Parameters, ShopApi, Trouble
from ingest.channels.values import Object
from schemas.decoding import decode_event
from schemas.errors import Rejected

MOST_BYTES = 32 * 2**20
_TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=10)
_LATER = frozenset({429, 500, 502, 503, 504})
_FIRST_WAIT, _LONGEST_WAIT, _PATIENCE = 1.0, 60.0, 300.0
AT_ONCE = 4
"""Questions under way at a time."""
PACE = 0.1
"""Seconds between two of them at least: some half of what Pinduoduo allows a shop, 1,000 in a minute."""

log = structlog.get_logger(__name__)


class Gateway:
    """One shop's platform. Use as an async context manager."""

    def __init__(
        self,
        api: ShopApi,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        pause: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        self._api, self._clock, self._pause = api, clock, pause
        self._next = 0.0
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def ask(self, method: str, parameters: Parameters) -> Object:
        """The answer to a question, waiting for it up to five minutes. Raises CannotPull, NotNow."""
        wait, waited = _FIRST_WAIT, 0.0
        while True:
            async with self._slots:
                answer = await self._once(method, parameters)
            if not isinstance(answer, Trouble):
                return answer
            if not answer.again:
                raise CannotPull(self._sentence(method, answer))
            pause = answer.wait or wait
            waited += pause
            if waited > _PATIENCE:
                raise NotNow(self._sentence(method, answer), pause)
            log.warning("pull_waits", platform=self._api.name, method=method, code=answer.code, seconds=pause)
            await self._pause(pause)
            wait = min(2 * wait, _LONGEST_WAIT)

    async def _once(self, method: str, parameters: Parameters) -> Object | Trouble:
        await self._keep_pace()
        signed = dict(self._api.signed(method, parameters, self._clock()))
        try:
            async with self._session.post(self._api.url, data=signed, allow_redirects=False) as answer:
                body = await _read(answer)
        except (aiohttp.ClientError, TimeoutError) as error:
            return Trouble(type(error).__name__, again=True)
        if answer.status != 200:
            return Trouble(f"HTTP {answer.status}", again=answer.status in _LATER)
        if body is None:
            return Trouble(f"more than {MOST_BYTES >> 20} MiB")
        try:
            said = decode_event(body)
        except Rejected:
            return Trouble("an answer that is not JSON", again=True)
        return self._api.trouble(said) or said

    async def _keep_pace(self) -> None:
        begins = max(self._next, time.monotonic())
        self._next = begins + PACE
        await asyncio.sleep(begins - time.monotonic())

    def _sentence(self, method: str, trouble: Trouble) -> str:
        return f"{self._api.name} answered {method} with {trouble.code}. {trouble.advice}".rstrip()


async def _read(answer: aiohttp.ClientResponse) -> bytes | None:
    """The body; None when it is larger than any may be."""
    body = bytearray()
    async for chunk in answer.content.iter_chunked(2**16):
        body += chunk
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)
