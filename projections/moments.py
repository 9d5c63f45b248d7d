"""The moment an answer is for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from projections.database import time_parameter

# "No limit" for a moment of knowledge: the end of what DateTime64(6) can hold.
FOREVER = datetime(2261, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class AsOf:
    """What T an answer is for: facts that occurred up to `at`, and were received up to `known`."""

    at: datetime
    known: datetime = FOREVER
    kept: bool = False
    """Who is one person is as kept now, rather than weighed anew as of then."""

    def parameters(self) -> dict[str, object]:
        """As statement parameters."""
        return {"at": time_parameter(self.at), "known": time_parameter(self.known)}
