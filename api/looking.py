"""Looks at the lag in the background and when asked, without ever holding the event loop or each other up."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import structlog

from api.hot_keys import HotKeys
from api.lag import INTERVAL, LagWatch, Look
from api.stages import Standing
from projections.progress import Head, TopicPartition
from schemas.errors import Unavailable

_FRESH = 0.5
_PATIENCE = 0.5
_log = structlog.get_logger(__name__)


class Ledger(Protocol):
    """Who knows how far the stages are."""

    async def standing(self) -> Standing:
        """How far every stage is. Raises Unavailable, or does not come back for long."""
        ...


class LagReader:
    """The lag, at most half a second old. It is there while ClickHouse is away, too: then it comes from Kafka alone."""

    def __init__(self, watch: LagWatch, ledger: Ledger, hot_keys: HotKeys) -> None:
        self._watch, self._ledger, self._hot_keys = watch, ledger, hot_keys
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="lag")
        self._lock = asyncio.Lock()
        self._asking: asyncio.Task[Standing] | None = None
        self._latest: Look | None = None

    @property
    def group(self) -> str:
        """The group whose lag it is."""
        return self._watch.group

    @property
    def latest(self) -> Look | None:
        """What the last look found; None before the first."""
        return self._latest

    @property
    def age(self) -> float:
        """Seconds since the last look that Kafka answered; infinite before the first."""
        return float("inf") if self._latest is None else self._watch.seconds() - self._latest.at

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await self.look()
            except Unavailable as away:
                _log.warning("lag unknown", what=away.what)
            await asyncio.sleep(INTERVAL)

    async def look(self) -> Look:
        """The lag now. Raises Unavailable when Kafka does not answer."""
        async with self._lock:
            if self._latest is None or self.age > _FRESH:
                self._latest = await self._in_thread(self._watch.look, await self._heads())
            return self._latest

    async def shown(self) -> dict[str, Any]:
        """What GET /v1/lag says of groups. Raises Unavailable when Kafka does not answer."""
        look = await self.look()
        hot = await self._in_thread(self._hot_keys.of, look.rows)
        rows = [{**row.shown(self.group), "hot_keys": hot.get(row.place, [])} for row in look.rows]
        return {"groups": rows, "members": look.members, "window_seconds": round(look.spans, 1)}

    async def _in_thread(self, work: Any, *given: object) -> Any:
        """In a thread of its own: one that all share may be held by questions that hang."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *given)

    async def _heads(self) -> Mapping[TopicPartition, Head]:
        """How far the stages are; nothing while ClickHouse does not say so soon. It is never asked twice at once."""
        asking, self._asking = self._asking or asyncio.create_task(self._ledger.standing()), None
        done, _ = await asyncio.wait({asking}, timeout=_PATIENCE)
        if not done:
            self._asking = asking
            return {}
        try:
            return {place: head for stage in asking.result().stages.values() for place, head in stage.items()}
        except Unavailable:
            return {}
