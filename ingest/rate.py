"""The rate of each write key, as a token bucket that holds one second's worth."""

from __future__ import annotations

from collections.abc import Callable

from ingest.refusals import RetryLater


class RateLimit:
    """Lets each key send `rate` events a second on average; 0 = no limit.

    A request is let in while there is anything in the bucket, and may overdraw it: else one larger than the
    bucket could never pass. Who has overdrawn waits until the debt is paid.
    """

    def __init__(self, rate: int, now: Callable[[], float]) -> None:
        self._rate = rate
        self._now = now
        self._buckets: dict[str, tuple[float, float]] = {}

    def require(self, key: str) -> None:
        """Raise RetryLater `rate_limited` if the key has to wait."""
        left = self._left(key)
        if self._rate and left <= 0:
            raise RetryLater("rate_limited", f"This key may send {self._rate} events a second.", -left / self._rate)

    def spend(self, key: str, events: int) -> None:
        """Take what a request that was let in costs."""
        if self._rate:
            self._buckets[key] = (self._left(key) - events, self._now())

    def _left(self, key: str) -> float:
        left, since = self._buckets.get(key, (float(self._rate), self._now()))
        return min(float(self._rate), left + (self._now() - since) * self._rate)
