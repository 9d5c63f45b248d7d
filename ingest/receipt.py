"""What became of a request's events."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.admission import Refused
from schemas.positions import Position


@dataclass(frozen=True, slots=True)
class Receipt:
    """All of a request's events, in the log or in its dead letters."""

    accepted: int
    refused: list[Refused]
    position: Position
