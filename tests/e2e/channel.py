"""A channel that never stops sending: it repeats what was not acknowledged, and some of what was."""

from __future__ import annotations

import random
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from types import TracebackType
from typing import Any, Self

import httpx2
import orjson

from tests.e2e.events import Json, completed, viewed

CUSTOMERS = 12
_BATCH = 12
_PAUSE = 0.04
_REPEATED = 0.3
_CONFLICTING = 0.1
_BROWSERS = 15


@dataclass
class Sent:
    """What has been acknowledged: events by customer, money by customer, and how many conflicts were provoked."""

    events: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    orders: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    money: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    conflicts: set[str] = field(default_factory=set)

    @property
    def count(self) -> int:
        """How many different events."""
        return sum(map(len, self.events.values()))


class Channel:
    """Sends in a thread of its own until the block ends; then everything it ever sent is acknowledged."""

    def __init__(self, url: str, key: str, seed: int) -> None:
        self.sent = Sent()
        self.failed = 0
        self._url, self._key = url, key
        self._chance = random.Random(seed)
        self._ended = threading.Event()
        self._number = 0
        self._acknowledged: list[Json] = []
        self._browsers: dict[str, set[str]] = defaultdict(set)
        self._thread = threading.Thread(target=self._run, name="channel")
        self._fault: BaseException | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(60)
        assert not self._thread.is_alive(), "the last batch was never acknowledged"
        if self._fault and error is None:
            raise self._fault

    def _run(self) -> None:
        try:
            with httpx2.Client(timeout=30) as http:
                while not self._ended.wait(_PAUSE):
                    self._deliver(http, self._batch())
        except BaseException as error:  # noqa: BLE001 -- handed over to the test's own thread
            self._fault = error

    def _batch(self) -> list[Json]:
        fresh = [self._event() for _ in range(_BATCH)]
        if self._acknowledged and self._chance.random() < _REPEATED:
            fresh.append(self._chance.choice(self._acknowledged))
        if self._acknowledged and self._chance.random() < _CONFLICTING:
            known = self._chance.choice(self._acknowledged)
            fresh.append({**known, "ids": {"member_id": "impostor"}, "channel": "elsewhere"})
            self.sent.conflicts.add(known["event_id"])
        return fresh

    def _event(self) -> Json:
        self._number += 1
        who = f"C{self._chance.randrange(CUSTOMERS)}"
        if self._chance.random() < 0.5:
            return viewed(who, f"v{self._number}", ids=self._ids(who))
        return completed(who, f"o{self._number}", f"{self._chance.randrange(1, 1000)}.{self._chance.randrange(100):02}")

    def _ids(self, who: str) -> Json:
        """The member, maybe in one of its browsers, or only a browser that the member was seen in before."""
        known = sorted(self._browsers[who])
        if known and self._chance.random() < 0.4:
            return {"anonymous_id": self._chance.choice(known)}
        if self._chance.random() < 0.3:
            return {"member_id": who, "anonymous_id": f"{who}-{self._chance.randrange(_BROWSERS)}"}
        return {"member_id": who}

    def _deliver(self, http: httpx2.Client, batch: list[Json]) -> None:
        """Until it is acknowledged, however often."""
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        while True:
            try:
                answer = http.post(f"{self._url}/v1/events", content=orjson.dumps(batch), headers=headers)
            except httpx2.TransportError:
                self.failed += 1
            else:
                if answer.status_code == 202:
                    return self._note(answer.json(), batch)
                assert answer.status_code in {429, 503}, answer.text
                self.failed += 1
            self._ended.wait(_PAUSE)

    def _note(self, answer: Any, batch: list[Json]) -> None:
        assert answer["rejected"] == 0, answer
        for event in batch:
            browser = event["ids"].get("anonymous_id")
            who = event["ids"].get("member_id") or browser.partition("-")[0]
            if who == "impostor" or event["event_id"] in self.sent.events[who]:
                continue
            if event["type"] == "order.completed":
                self.sent.orders[who] += 1
                self.sent.money[who] += Decimal(event["data"]["total"])
            if browser:
                self._browsers[who].add(browser)
            self._acknowledged.append(event)
            self.sent.events[who].add(event["event_id"])
