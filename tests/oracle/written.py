"""Histories written by hand, one line an event, for examples that read like the contract."""

from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.oracle.fold import profile
from deploy.oracle.model import Json, Logged

START = datetime(2026, 1, 1, tzinfo=UTC)
ARRIVAL = START + timedelta(days=100)
Said = tuple[str, Json]


def said(
    kind: str,
    who: str | None = None,
    day: float = 0,
    /,
    *,
    event_id: str | None = None,
    source: str = "pos",
    top: Json | None = None,
    **data: Any,
) -> Said:
    """An event of member `who` (None: without identifiers), `day` days after START; `top`: other fields."""
    moment = (START + timedelta(days=day)).isoformat()
    event = {"event_id": event_id or f"{kind}@{day}", "type": kind, "occurred_at": moment, "data": data}
    return source, event | ({"ids": {"member_id": who}} if who else {}) | (top or {})


def written(*history: Said) -> list[Logged]:
    """The events as one partition holds them, a second apart, all long after the last of them occurred."""
    return [
        Logged(source, event, 0, offset, 0, ARRIVAL + timedelta(seconds=offset))
        for offset, (source, event) in enumerate(history)
    ]


def dossier_of(*history: Said, address: str = "member_id:M1", now: datetime = ARRIVAL, **view: Any) -> Json:
    """The dossier of somebody known, at the history's end."""
    found = profile(written(*history), address, now, **view)
    assert found is not None
    return found
