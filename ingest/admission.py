"""Which events of a request are let in, and under which key they go into the log."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from schemas.bundle import one_line
from schemas.errors import Rejected
from schemas.gates import Gate
from schemas.sources import Source

_SLICE = 100
"""Events judged before other requests get their turn: a few milliseconds."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """An event let in: its bytes as sent, on one line."""

    key: bytes
    raw: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """An event refused, and its place in the request."""

    index: int
    raw: bytes
    why: Rejected
    format: str = ""
    """The channel whose form `raw` has; '' is the native event."""


@dataclass(frozen=True, slots=True)
class Admission:
    """What became of the events of one request."""

    admitted: list[Admitted] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


async def admit(door: Gate, events: Sequence[bytes], source: Source, now: datetime) -> Admission:
    """Judge each event on its own; one bad event does not keep the others out."""
    admission = Admission()
    for index, raw in enumerate(events):
        if index and index % _SLICE == 0:
            await asyncio.sleep(0)
        try:
            key = door.address(raw, source, now)
            admission.admitted.append(Admitted(key.encode(), one_line(raw)))
        except Rejected as why:
            admission.refused.append(Refused(index, raw, why))
    return admission
