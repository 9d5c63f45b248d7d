"""How large a measurement is, and the platform it is made on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from deploy.embedded.process import ProcessSpec
from projections.database import Address
from projections.profiles import Terms


@dataclass(frozen=True, slots=True)
class Scale:
    """How much there is of everything; the same seed gives the same facts and definitions."""

    customers: int
    events: int
    definitions: int
    rate: int
    """Events a second of live traffic."""
    seconds: int
    """How long that lasts."""
    seed: int
    window_seconds: int = 20
    """How long somebody stays in the segment that live traffic fills; whoever is looked at later never enters it."""
    late_seconds: int = 60
    """How long after its window's end a message is waited for."""
    questions: int = 40
    """How often each question is asked."""

    def said(self) -> dict[str, object]:
        """What a report says of it."""
        said = ("customers", "events", "definitions", "rate", "seconds", "seed")
        return {name: getattr(self, name) for name in said}


@dataclass(frozen=True, slots=True)
class Doors:
    """Where a platform answers, and by which processes."""

    ingest: str
    write_key: str
    api: str
    api_key: str
    kafka: str
    topic_prefix: str
    clickhouse: Address
    terms: Terms
    pids: Mapping[str, int]
    held: Mapping[str, ProcessSpec] = field(default_factory=dict)
    """Processes of the platform that were not started: the measurement starts them, or does without."""


def address_of(customer: int) -> str:
    """The one identifier a made-up customer has; customers are numbered from 0."""
    return f"member_id:b{customer}"
