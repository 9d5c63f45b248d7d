"""The rate of each write key, as a token bucket that holds one second's worth.

What is left is told in `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10), counted in events.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from ingest.keys import WriteKey
from ingest.refusals import RetryLater

_NAME = "write-key"


class RateLimit:
    """Lets each key send so many events a second on average: its own rate, else `rate`; 0 = no limit.

    A request is let in while there is anything in the bucket, and may overdraw it: else one larger than the
    bucket could never pass. Who has overdrawn waits until the debt is paid.
    """

    def __init__(self, rate: int, now: Callable[[], float]) -> None:
        self._rate = rate
        self._now = now
        self._buckets: dict[str, tuple[float, float]] = {}

    def require(self, key: WriteKey) -> None:
        """Raise RetryLater `rate_limited` if the key has to wait."""
        rate, left = self._of(key), self._left(key)
        if rate and left <= 0:
            sentence = f"This key may send {rate} events a second."
            raise RetryLater("rate_limited", sentence, -left / rate, self.headers(key))

    def spend(self, key: WriteKey, events: int) -> None:
        """Take what a request that was let in costs."""
        if self._of(key):
            self._buckets[key.digest] = (self._left(key) - events, self._now())

    def headers(self, key: WriteKey) -> Mapping[str, str]:
        """What an answer says of the rate; nothing where there is no limit."""
        rate = self._of(key)
        if not rate:
            return {}
        left = self._left(key)
        full_in = max(1, math.ceil((rate - left) / rate))
        return {
            "RateLimit-Policy": f'"{_NAME}";q={rate};qu="events";w=1',
            "RateLimit": f'"{_NAME}";r={max(0, math.floor(left))};t={full_in}',
        }

    def _of(self, key: WriteKey) -> int:
        return self._rate if key.grants.rate is None else key.grants.rate

    def _left(self, key: WriteKey) -> float:
        rate = float(self._of(key))
        left, since = self._buckets.get(key.digest, (rate, self._now()))
        return min(rate, left + (self._now() - since) * rate)
