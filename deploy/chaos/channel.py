"""A channel that never stops sending: it sends again what was not acknowledged, and some of what was."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import orjson

from deploy.chaos.traffic import Json, Traffic
from deploy.errors import CannotReach
from deploy.loading.client import Client

_RETRIED = frozenset({0, 429, 502, 503, 504})
_RETRY_SECONDS = 0.1
EventId = tuple[str, str]
"""Source and event_id."""


@dataclass(slots=True)
class Sent:
    """What was acknowledged, by cohort; and the ids under which something else was said, too."""

    events: dict[int, set[EventId]] = field(default_factory=dict)
    conflicts: set[EventId] = field(default_factory=set)
    poisoned: set[EventId] = field(default_factory=set)
    count: int = 0
    unanswered: int = 0
    """Requests that had to be sent again."""

    def note(self, cohort: int, ids: set[EventId]) -> None:
        """These are acknowledged."""
        known = self.events.setdefault(cohort, set())
        self.count += len(ids - known)
        known |= ids


class Channel:
    """One source's. `cohort` may be changed while it is paused."""

    def __init__(self, source: str, client: Client, traffic: Traffic, sent: Sent, pause: float) -> None:
        self._source, self._client, self._traffic, self._sent, self._pause = source, client, traffic, sent, pause
        self._idle, self._may_send = asyncio.Event(), asyncio.Event()
        self._idle.set()
        self.cohort = 0

    def resume(self) -> None:
        """Send."""
        self._may_send.set()

    async def rest(self) -> None:
        """Send no more; returns when everything that was sent is acknowledged."""
        self._may_send.clear()
        await self._idle.wait()

    async def run(self, batch: int) -> None:
        """Send until cancelled, so many events a request."""
        while True:
            await self._may_send.wait()
            self._idle.clear()
            events, conflicting = self._traffic.batch(self.cohort, batch)
            await self.deliver(events)
            self._traffic.acknowledged(self.cohort, [each for each in events if not _is_impostor(each)])
            self._sent.note(self.cohort, {(self._source, each["event_id"]) for each in events})
            self._sent.conflicts |= {(self._source, name) for name in conflicting}
            self._idle.set()
            await asyncio.sleep(self._pause)

    async def poison(self, name: str) -> None:
        """One event more, alone in its request, under this id."""
        await self.deliver([self._traffic.one(self.cohort, name)])
        self._sent.poisoned.add((self._source, name))

    async def deliver(self, events: list[Json]) -> None:
        """Until it is acknowledged, however often. Raises CannotReach when it is refused for good."""
        body = b"\n".join(map(orjson.dumps, events))
        while True:
            answer = await self._client.ask("POST", "/v1/events", ndjson=body)
            if answer.status not in _RETRIED:
                break
            self._sent.unanswered += 1
            await asyncio.sleep(_RETRY_SECONDS)
        if answer.status != 202 or answer.body.get("rejected"):
            raise CannotReach(f"Ingest refused an event of ours: {answer.status} {answer.body.get('errors')}")


def _is_impostor(event: Json) -> bool:
    return event.get("channel") == "elsewhere"
