"""When a message's event occurred: by the clock of the server, whatever the clock of the device says."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from ingest.channels.values import Object, blank
from schemas.errors import InvalidValue, Rejected
from schemas.times import Moment, format_time, parse_time


class Occurred(NamedTuple):
    """An event's time, as the wire has it."""

    at: str
    derived: bool
    """Whether it was worked out from when the message was sent or received."""


def occurred(message: Object, sent_with: Any, received_at: datetime) -> Occurred:
    """`received - (sent - said)`, with the offset that was said; as said where nobody says when it was sent.

    `sent_with` is the sentAt of the envelope. Raises Rejected.
    """
    name = next((each for each in ("timestamp", "originalTimestamp") if not blank(message.get(each))), None)
    if name is None:
        return Occurred(format_time(received_at), derived=True)
    try:
        said = parse_time(message[name])
    except InvalidValue as fault:
        raise Rejected(fault.code, f"/{name}", f"{name} {fault.message}.") from None
    sent = _readable(message.get("sentAt")) or _readable(sent_with)
    if sent is None:
        return Occurred(message[name], derived=False)
    try:
        return Occurred(_corrected(said, sent, received_at), derived=True)
    except (OverflowError, ValueError):
        raise Rejected("time_out_of_range", f"/{name}", f"{name} and sentAt lie too far apart.") from None


def _corrected(said: Moment, sent: Moment, received_at: datetime) -> str:
    at = received_at - (sent.utc - said.utc)
    return at.astimezone(timezone(timedelta(minutes=said.offset))).isoformat()


def _readable(text: Any) -> Moment | None:
    """A time of sending that cannot be read corrects nothing."""
    try:
        return parse_time(text)
    except InvalidValue:
        return None
