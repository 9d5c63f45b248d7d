"""The sources that are declared now, for who judges events: those of the settings, and those operators declared."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from projections.database import Database
from projections.source_register import register_of
from schemas.contracts.model import Contract
from schemas.source_register import SourceRegister
from schemas.sources import Source

_KEEP_SECONDS = 0.5


@dataclass(slots=True)
class DeclaredSources(Mapping[str, Source]):
    """Reads what operators said at most twice a second. Safe to share between threads; blocks. Raises Unavailable."""

    database: Database
    settled: Mapping[str, Source]
    seconds: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _known: tuple[float, SourceRegister] | None = None

    def register(self, *, fresh: bool = False) -> SourceRegister:
        """All that was said of sources."""
        with self._lock:
            if fresh or self._known is None or self._known[0] + _KEEP_SECONDS < self.seconds():
                self._known = (self.seconds(), register_of(self.database, self.settled))
            return self._known[1]

    def contract_at(self, name: str, at: datetime) -> Contract | None:
        """The contract of a source that counts for what is received at a moment."""
        return self.register().contract_at(name, at)

    def __getitem__(self, name: str) -> Source:
        return self.settled[name] if name in self.settled else self.register().sources()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.register().sources())

    def __len__(self) -> int:
        return len(self.register().sources())
