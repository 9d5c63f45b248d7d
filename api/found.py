"""What is found of a member: who it is, since when, and what was asked for of its dossier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas.identifiers import Identifier


@dataclass(frozen=True, slots=True)
class Found:
    """One person that is in it; `since` is known of now only, as is its place in the list."""

    root: str
    person_id: str
    value: Any
    since: datetime | None = None
    place: int = 0


@dataclass(frozen=True, slots=True)
class Described:
    """A member as it is answered."""

    found: Found
    identifiers: list[Identifier]
    fields: Mapping[str, Any]
