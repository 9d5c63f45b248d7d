"""Where something in a profile was said: read back from the string that orders what was said (`pos.sql`). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

_TIME = 26


class Provenance(NamedTuple):
    """The event that said it."""

    occurred_at: datetime
    event_id: str
    source: str


def provenance(pos: str) -> Provenance:
    """occurred_at (26 characters), event_id, NUL, source."""
    event_id, _, source = pos[_TIME:].partition("\0")
    return Provenance(datetime.fromisoformat(f"{pos[:_TIME]}+00:00"), event_id, source)


def parts(stored: Mapping[str, Any] | Sequence[Any]) -> tuple[Any, ...]:
    """The parts of a stored tuple; one whose parts are named arrives as a dict."""
    return tuple(stored.values() if isinstance(stored, Mapping) else stored)
