"""The governor: what operators said becomes rows, and whatever depends on it is computed anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from processors.following import Following
from processors.records import Record, ranges
from processors.touched import Log, weigh_everything
from projections.controls import Said, write_controls
from projections.database import Database
from projections.progress import GOVERNOR, write_ranges
from schemas.control import read_control
from schemas.errors import InvalidValue

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Governor:
    """The one governor: the control topic has one partition."""

    database: Database
    log: Log
    identity_topic: str
    ack_timeout: float = 30.0
    _following: Following = field(init=False)

    def __post_init__(self) -> None:
        """Know how far the output reaches."""
        self._following = Following(self.database, GOVERNOR)

    def process(self, records: Sequence[Record]) -> None:
        """Keep what these records say. One that cannot be read changes nothing, and is named in the log."""
        said = [each for each in map(_read, records) if each is not None]
        write_controls(self.database, said)
        rules = any(each.control.kind == "identity_rules" for each in said)
        written = self.log.publish(weigh_everything(self.identity_topic), self.ack_timeout) if rules else []
        write_ranges(self.database, GOVERNOR, ranges(records, len(said), self._following.after(records, written)))


def _read(record: Record) -> Said | None:
    try:
        control = read_control(record.value or b"")
    except InvalidValue as wrong:
        _log.warning("control record ignored", offset=record.offset, reason=wrong.message)
        return None
    return Said(control, record.offset + 1, record.appended_at)
