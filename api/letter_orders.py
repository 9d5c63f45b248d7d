"""What operators order of dead letters beside a replay: purging old ones, and letting the recorder go on."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.controlling import ControlWriter
from projections.database import Database
from projections.dead_letters import count_letters
from schemas.control import Control, Purge, Resume
from schemas.errors import RequestError
from schemas.letter_filter import LetterFilter
from schemas.positions import Position


@dataclass(frozen=True, slots=True)
class Purged:
    """How many letters are older than that time; where the order lies (None: it was only looked)."""

    before: datetime
    letters: int
    position: Position | None


@dataclass(frozen=True, slots=True)
class LetterOrders:
    """Orders go into the control topic, so they are kept with who gave them, and hold after a rebuild, too."""

    database: Database
    controls: ControlWriter
    retention: timedelta
    clock: Callable[[], datetime]

    def purge(self, older_than: timedelta | None, author: str, *, dry_run: bool) -> Purged:
        """Have letters go that are older than so much. Raises RequestError `not_old_enough`, Unavailable."""
        age = self.retention if older_than is None else older_than
        if age < self.retention:
            sentence = f"Dead letters are kept for {self.retention.days} days at least (retention_days)."
            raise RequestError("not_old_enough", sentence, "/older_than_days")
        before = self.clock() - age
        letters = count_letters(self.database, LetterFilter(end=before))
        if dry_run or not letters:
            return Purged(before, letters, None)
        said = Purge(before=before, purged=letters).model_dump(mode="json")
        _, position = self.controls.publish(Control(kind="purge", key=str(uuid.uuid4()), value=said, author=author))
        return Purged(before, letters, position)

    def resume(self, seconds: float, author: str) -> Position:
        """Let what was appended up to now, and for so many seconds more, go past the breaker. Raises Unavailable."""
        said = Resume(seconds=seconds).model_dump(mode="json")
        return self.controls.publish(Control(kind="breaker", value=said, author=author))[1]
