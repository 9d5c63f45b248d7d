"""What operators said of sources, as far as it counts for the records at hand.

The topics are different ones, and what was said before an event was appended counts for it. So the recorder looks
where the control topic ends after it got its records, and reads up to there: then it knows all that came before them,
live and in a rebuild alike. When there is nothing new this costs one question to Kafka a chunk.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from schemas.source_register import Followed, SourceRegister, take_all

_PATIENCE = 30.0


class Follower(Protocol):
    """Reads the control topic; `projections.log.follow.LogFollower` is one."""

    def all_news(self, seconds: float) -> Iterable[Followed]:
        """All that was appended before this was called and was not given yet."""


@dataclass(frozen=True, slots=True)
class SourceWatch:
    """One worker's view of the sources. Not safe to share between threads."""

    follower: Follower
    register: SourceRegister

    def renewed(self) -> SourceRegister:
        """The register with all that was said until now. Raises Unavailable."""
        take_all(self.register, self.follower.all_news(_PATIENCE))
        return self.register
