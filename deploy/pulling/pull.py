"""Pulls one shop: window after window up to now, each kept as done when ingest acknowledged all of it; and again."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import structlog

from deploy.errors import CannotReach, NotNow
from deploy.pulling.gateway import Gateway
from deploy.pulling.outgoing import Outgoing, Sent
from deploy.pulling.platform import Detail, Feed, Page, ShopApi
from deploy.pulling.windows import Window, next_window, whole
from ingest.channels.shop.facts import Facts
from ingest.channels.values import Object
from schemas.errors import Rejected, Unavailable

MOST_ITEMS = 5_000
"""Of a window that holds more, each half is read by itself: lists answer slowly far down."""

log = structlog.get_logger(__name__)


class Kept(Protocol):
    """What remembers how far a pull is."""

    async def read(self) -> datetime | None:
        """Up to when all is done; None before the first window."""

    async def write(self, until: datetime) -> None:
        """All up to here is done."""


@dataclass(slots=True)
class Pull:
    """One shop, its platform, ingest, and what remembers how far it is."""

    source: str
    api: ShopApi
    facts: Facts
    gateway: Gateway
    outgoing: Outgoing
    kept: Kept
    since: datetime | None = None
    """From when on; without it where the last pull ended, or as far back as the platform knows."""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    async def once(self) -> None:
        """Bring it up to now. Raises CannotPull, NotNow, CannotReach, Unavailable."""
        now = whole(self.clock())
        earliest, goal = now - self.api.reach + timedelta(hours=1), now - self.api.settles
        until = await self._begin(earliest)
        while window := next_window(until, goal, self.api.widest, earliest):
            await self._window(window)
            until = window.end
            await self.kept.write(until)
            self.since = None

    async def forever(self, interval: float, pause: Callable[[float], Awaitable[Any]] = asyncio.sleep) -> None:
        """Bring it up to now, again and again; what passes by itself is waited out. Raises CannotPull."""
        while True:
            told = 0.0
            try:
                await self.once()
            except (NotNow, CannotReach, Unavailable) as error:
                log.warning("pull_stands", platform=self.api.name, source=self.source, reason=error.message)
                told = error.seconds if isinstance(error, NotNow) else told
            await pause(max(interval, told))

    async def _begin(self, earliest: datetime) -> datetime:
        until = self.since or await self.kept.read()
        if until is None:
            return earliest
        if until < earliest:
            log.warning(
                "pull_gap", platform=self.api.name, source=self.source, until=str(until), earliest=str(earliest)
            )
        return max(whole(until), earliest)

    async def _window(self, window: Window) -> None:
        sent = {feed.name: await self._feed(feed, window) for feed in self.api.feeds}
        log.info(
            "pulled",
            platform=self.api.name,
            source=self.source,
            start=window.start.isoformat(),
            until=window.end.isoformat(),
            lag_seconds=round((self.clock() - window.end).total_seconds()),
            accepted=sum(each.accepted for each in sent.values()),
            rejected=sum(each.rejected for each in sent.values()),
        )

    async def _feed(self, feed: Feed, window: Window) -> Sent:
        """All pages, from the last to the first: what leaves the window meanwhile moves others to earlier ones only."""
        first = await self._page(feed, window, 1)
        halves = window.halves()
        if first.total > MOST_ITEMS and len(halves) > 1:
            return _sum([await self._feed(feed, half) for half in halves])
        last = math.ceil(first.total / feed.page_size)
        if last <= 1:
            return await self._send(feed, first)
        return _sum([await self._send(feed, await self._page(feed, window, page)) for page in range(last, 0, -1)])

    async def _page(self, feed: Feed, window: Window, number: int) -> Page:
        page = feed.read(await self.gateway.ask(feed.method, feed.asked(window, number)))
        if page is None:
            raise NotNow(f"{self.api.name} answered {feed.method} with something that is no such list.")
        return page

    async def _send(self, feed: Feed, page: Page) -> Sent:
        items = await self._details(feed.detail, page) if feed.detail else page.items
        return await self.outgoing.send(items, feed.means, self.facts)

    async def _details(self, detail: Detail, page: Page) -> list[Object]:
        asking = [asyncio.create_task(self._whole(detail, each)) for each in page.items]
        try:
            return await asyncio.gather(*asking)
        finally:
            for each in asking:
                each.cancel()
            await asyncio.gather(*asking, return_exceptions=True)

    async def _whole(self, detail: Detail, item: Object) -> Object:
        """The whole of an item, or itself when there is nothing to ask by."""
        try:
            asked = detail.asked(item)
        except Rejected:
            return item
        found = detail.read(await self.gateway.ask(detail.method, asked))
        if found is None:
            raise NotNow(f"{self.api.name} answered {detail.method} with something that is no order.")
        return found


def _sum(parts: list[Sent]) -> Sent:
    return Sent(sum(each.accepted for each in parts), sum(each.rejected for each in parts))
