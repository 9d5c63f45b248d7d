"""When what holds of a customer changes by time alone: moment after moment at which it may is looked at. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from api.figures import time

Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a customer at one moment; nothing changes by itself before `edge` (None: ever)."""

    at: datetime
    person_id: str
    value: Any
    trees: list[Tree]
    edge: datetime | None


@dataclass(slots=True)
class Flips:
    """When the whole, and each node in the order of `nodes`, flips; None: never, or not before `looked_until`."""

    whole: datetime | None = None
    of_nodes: list[datetime | None] = field(default_factory=list)
    looked_until: datetime | None = None
    """Set when the patience ended before time did."""

    def shown(self) -> dict[str, str | None]:
        """As an answer has them."""
        return {"flips_at": time(self.whole), "looked_until": time(self.looked_until)}


def nodes(trees: list[Tree]) -> Iterator[Tree]:
    """Every node, each before those within it."""
    for each in trees:
        yield each
        yield from nodes(each.get("clauses", []))


def walk(seen: Seen, at: Callable[[datetime], Seen | None], patient: Callable[[], bool]) -> Flips:
    """Go from edge to edge until everything that can flip has, or the patience ends."""
    before = [each["holds"] for each in nodes(seen.trees)]
    flips = Flips(of_nodes=[None] * len(before))
    now: Seen | None = seen
    while now is not None and now.edge is not None and _open(now, flips):
        if not patient():
            flips.looked_until = now.edge
            break
        now = at(now.edge)
        if now is not None:
            _compare(seen, now, before, flips)
    return flips


def _open(now: Seen, flips: Flips) -> bool:
    """Whether anything that may still change has not flipped yet."""
    pending = zip(nodes(now.trees), flips.of_nodes, strict=True)
    return flips.whole is None or any(flip is None and node["edge"] is not None for node, flip in pending)


def _compare(seen: Seen, now: Seen, before: list[bool], flips: Flips) -> None:
    if flips.whole is None and now.value != seen.value:
        flips.whole = now.at
    for place, node in enumerate(nodes(now.trees)):
        if flips.of_nodes[place] is None and node["holds"] != before[place]:
            flips.of_nodes[place] = now.at
