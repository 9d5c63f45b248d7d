"""Refusals of a whole request that say when to come back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from schemas.errors import RequestError


class RetryLater(RequestError):
    """Too much for now; `seconds` (whole, at least 1) goes into Retry-After, `headers` go beside it."""

    def __init__(
        self, code: str, message: str, seconds: float = 1.0, headers: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        super().__init__(code, message)
        self.seconds = max(1, math.ceil(seconds))
        self.headers = headers
