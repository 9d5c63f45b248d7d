"""What a channel is: a way in for programs that speak another platform's language.

A channel translates and nothing else: it sees a request as a `Call`, says under which key it comes, which native
events it means, and how it is answered. Reading, judging, writing, acks, dead letters and CORS are the same for all
(`ingest.reception`, `ingest.cors`). All channels stand in one table, `ingest.channels.table`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from ingest.receipt import Receipt
from schemas.errors import CdpError, Rejected
from schemas.sources import Source

Native = dict[str, Any]
"""A native event as decoded JSON; numbers may be Decimal."""


@dataclass(frozen=True, slots=True)
class Path:
    """One address of a channel."""

    method: Literal["GET", "POST"]
    template: str
    verb: str = ""
    """What the channel knows it by; '' where `{verb}` stands in the template."""
    summary: str = ""
    """One sentence for /docs; '' leaves it out: a second name of another path."""
    parameters: Sequence[Mapping[str, Any]] = ()
    """As OpenAPI describes them."""
    body: Mapping[str, Any] = field(default_factory=lambda: {"type": "object"}, hash=False)
    """JSON Schema of what is posted."""
    media: Sequence[str] = ("application/json",)
    """As what it may be posted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request as a channel sees it: inflated, not decoded."""

    verb: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """By their names in lower case."""
    query: Mapping[str, str] = field(default_factory=dict)
    path: Mapping[str, str] = field(default_factory=dict)
    """What stood for each {name} of the template."""
    body: bytes = b""
    received_at: datetime
    """Aware."""
    new_id: Callable[[], str]
    """Makes the id of an event that came without one."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a request says: its bytes as they came, and what it means. It lands whole, or is one dead letter."""

    raw: bytes
    meaning: Sequence[Native] | Rejected


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    status: int
    body: bytes
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def list_under(member: str) -> dict[str, Any]:
    """JSON Schema of an object around a list of items."""
    items = {"type": "array", "items": {"type": "object"}}
    return {"type": "object", "required": [member], "properties": {member: items}}


class Channel(Protocol):
    """One way in. Its methods are functions of their arguments: no clock, no chance, no network."""

    @property
    def name(self) -> str:
        """What its dead letters call the form of their originals."""

    @property
    def paths(self) -> Sequence[Path]:
        """Where it is spoken to."""

    @property
    def browsers(self) -> bool:
        """Whether pages of other hosts may call it (CORS)."""

    @property
    def answers(self) -> Mapping[int | str, dict[str, Any]]:
        """Its answers beside problems, as OpenAPI describes them."""

    @property
    def pointers(self) -> Sequence[tuple[str, str]]:
        """Where, in an item, things of the native event come from: JSON pointers, the longest first."""

    def key(self, call: Call) -> bytes | Source:
        """The write key a request presents, b'' if none. Asked without the body first, then with it if need be.

        Or the source itself, where a request needs no write key: `translate` sees to it that it is genuine.
        """

    def translate(self, call: Call, source: Source) -> Iterable[Item]:
        """What the request says, item by item. Raises RequestError when it cannot be read, or is not genuine."""

    def answer(self, call: Call, outcome: Receipt | CdpError) -> Answer | None:
        """How the sender expects to be answered; None: an error as problem+json."""
