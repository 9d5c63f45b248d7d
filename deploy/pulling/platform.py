"""What a shop platform is, for the pull: its lists of what changed, how it is asked, and what its errors mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from deploy.pulling.windows import Window
from ingest.channels.channel import Native
from ingest.channels.shop.facts import Facts
from ingest.channels.values import Object

Parameters = Mapping[str, str]
Means = Callable[[Object, Facts], Iterator[Native]]
"""The native events of one order or refund, as its platform tells it. Raises Rejected."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what a list holds, and how much it holds in all."""

    items: Sequence[Object]
    total: int


@dataclass(frozen=True, slots=True)
class Detail:
    """A second question about each item of a list that says too little."""

    method: str
    asked: Callable[[Object], Parameters]
    read: Callable[[Object], Object | None]
    """The whole item out of the answer; None when it is not there."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A list of what changed within a window, page by page."""

    name: str
    method: str
    page_size: int
    asked: Callable[[Window, int], Parameters]
    """Parameters for a page, counted from 1."""
    read: Callable[[Object], Page | None]
    """The page out of the answer; None when it is not there."""
    means: Means
    detail: Detail | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is no answer. It names the platform's code, never a parameter."""

    code: str
    advice: str = ""
    """What somebody can do about it."""
    again: bool = False
    """Whether the same question may be answered later."""
    wait: float | None = None
    """Seconds, when the platform says how long."""


class ShopApi(Protocol):
    """One shop on a platform."""

    @property
    def name(self) -> str:
        """The platform's."""

    @property
    def url(self) -> str:
        """Where it is asked."""

    @property
    def widest(self) -> timedelta:
        """How much time one question may span."""

    @property
    def settles(self) -> timedelta:
        """How long after a change its lists are sure to hold it."""

    @property
    def reach(self) -> timedelta:
        """How far back its lists go."""

    @property
    def feeds(self) -> Sequence[Feed]:
        """Its lists."""

    def signed(self, method: str, parameters: Parameters, now: datetime) -> Parameters:
        """All that is sent for a question."""

    def trouble(self, answer: Object) -> Trouble | None:
        """What is wrong, when the answer is an error."""
