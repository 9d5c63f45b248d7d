"""A channel that sends an order now and then, of customers in turn, in their browsers."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Self

from tests.e2e.events import completed
from tests.stack.platforms import Platform

CUSTOMERS, BROWSERS = 6, 15
_PAUSE = 0.1


@dataclass
class Trickle:
    """Sends in a thread of its own until the block ends. Every other order of a customer comes from a browser only."""

    platform: Platform
    source: str
    orders: Counter[str] = field(default_factory=Counter)
    position: str = ""
    _ended: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, name="trickle")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(60)

    @property
    def count(self) -> int:
        """How many are acknowledged."""
        return self.orders.total()

    def _run(self) -> None:
        while not self._ended.wait(_PAUSE):
            number = self.count
            who = f"T{number % CUSTOMERS}"
            both = {"member_id": who, "anonymous_id": f"{who}-browser-{number // CUSTOMERS // 2 % BROWSERS}"}
            ids = both if number // CUSTOMERS % 2 == 0 else {"anonymous_id": both["anonymous_id"]}
            self.position = self.platform.send(completed(who, f"t{number}", ids=ids), source=self.source)
            self.orders[who] += 1
