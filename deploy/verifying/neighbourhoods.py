"""What of the log is about some customers: all that shares an identifier, order, ticket or message with them.

Anything else cannot change what is said of them. Nothing of it is asked of ClickHouse: the log is read until nothing
new is found. Identifiers are compared loosely first, since reading a telephone number takes long.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from deploy.oracle.log import VOID
from deploy.oracle.model import Logged
from deploy.oracle.owners import thing_of
from deploy.verifying.log import Line

MOST_NODES = 2_000
_NO_DIGITS = re.compile(r"\D")
_SAME_END = 7


@dataclass(eq=False, slots=True)
class Neighbourhood:
    """Some customers, what they are known by, and the events about any of it."""

    roots: list[str]
    nodes: set[str]
    events: list[Logged] = field(default_factory=list)
    has_grown: bool = True
    is_too_large: bool = False


class Neighbourhoods:
    """All that are looked at, found by node."""

    def __init__(self, people: Mapping[str, Collection[str]], orders_of: Mapping[str, str]) -> None:
        """`people`: root to identifiers."""
        self._orders_of = orders_of
        self._voids: list[Logged] = []
        self._by_node: dict[str, Neighbourhood] = {}
        self._loose: set[str] = set()
        for root, members in people.items():
            self._enter(Neighbourhood([root], set()), members)

    @property
    def all(self) -> list[Neighbourhood]:
        """Each once."""
        return list({id(each): each for each in self._by_node.values()}.values())

    @property
    def are_complete(self) -> bool:
        """Whether a pass over the log has found nothing new."""
        return not any(each.has_grown for each in self.all)

    def begin(self) -> None:
        """A pass over the log from its beginning."""
        self._voids.clear()
        for each in self.all:
            each.events.clear()
            each.has_grown = False

    def take(self, line: Line, read: Callable[[Line], Logged | None]) -> bool:
        """Keep an event that is about anybody here; tells whether it is. `read` gives None for one not admitted."""
        event = line.event
        if event is None or not (event.get("type") == VOID or self._may_concern(event)):
            return False
        logged = read(line)
        if logged is None:
            return False
        if logged.type == VOID:
            self._voids.append(logged)
            return True
        nodes = self._nodes(logged)
        met = {id(self._by_node[node]): self._by_node[node] for node in nodes if node in self._by_node}
        if not met:
            return False
        mine = self._joined(list(met.values()))
        mine.events.append(logged)
        self._enter(mine, nodes)
        return True

    def log_of(self, one: Neighbourhood) -> list[Logged]:
        """Its events, with all voids: those that name others do no harm."""
        return [*one.events, *self._voids]

    def _nodes(self, logged: Logged) -> list[str]:
        thing = thing_of(logged, self._orders_of)
        return [*logged.ids, *(["/".join(thing)] if thing else [])]

    def _enter(self, one: Neighbourhood, nodes: Iterable[str]) -> None:
        new = [node for node in nodes if node not in one.nodes]
        one.has_grown = one.has_grown or bool(new)
        one.nodes.update(new)
        one.is_too_large = one.is_too_large or len(one.nodes) > MOST_NODES
        if one.is_too_large:
            return
        for node in new:
            self._by_node[node] = one
            self._loose |= _loosened(node)

    def _joined(self, met: list[Neighbourhood]) -> Neighbourhood:
        first, *others = met
        for other in others:
            first.roots += other.roots
            first.events += other.events
            first.has_grown = True
            first.nodes |= other.nodes
            self._by_node |= dict.fromkeys(other.nodes & self._by_node.keys(), first)
        return first

    def _may_concern(self, event: Mapping[str, object]) -> bool:
        ids, data = event.get("ids"), event.get("data")
        said: list[object] = []
        for value in ids.values() if isinstance(ids, dict) else ():
            said += value if isinstance(value, list) else [value]
        if isinstance(data, dict):
            said += [data.get(name) for name in ("order_id", "ticket_id", "message_id")]
        return any(each is not None and not self._loose.isdisjoint(_loosened(str(each))) for each in said)


def _loosened(value: str) -> set[str]:
    """Spellings of which values that may be the same have one in common: last digits, else the text in lower case."""
    plain = unicodedata.normalize("NFKC", value).strip().lower()
    return {_end(plain), _end(plain.rpartition("/")[2].rpartition(":")[2])}


def _end(text: str) -> str:
    digits = _NO_DIGITS.sub("", text)
    return digits[-_SAME_END:] if len(digits) >= _SAME_END else text
