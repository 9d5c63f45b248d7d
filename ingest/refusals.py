"""Refusals of a whole request that say when to come back."""

from __future__ import annotations

import math

from schemas.errors import RequestError


class RetryLater(RequestError):
    """Too much for now; `seconds` (whole, at least 1) goes into Retry-After."""

    def __init__(self, code: str, message: str, seconds: float = 1.0) -> None:
        super().__init__(code, message)
        self.seconds = max(1, math.ceil(seconds))
