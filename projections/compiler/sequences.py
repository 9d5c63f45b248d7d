"""A sequence of events: SQL of whether any chain fits, and the chain that is told, the earliest.

The events that may be a step, or may stand between, are an array in time. Step by step it is marked which of them end
a fitting chain. Of the events that end a chain one step shorter, the latest before an event is the best there is,
for `within` as for `without`; so one pass over the array is enough. Only `same` needs to compare each with each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from projections.compiler.fields import money_types, raw_values
from projections.compiler.found import Condition
from projections.compiler.happenings import is_of, look_at
from projections.compiler.looks import Look
from projections.compiler.outcome import Outcome, Statement
from projections.compiler.scope import Scope
from schemas.definitions.happenings import SequenceNode, Step
from schemas.definitions.windows import Last

_BEFORE_ALL = -(2**62)
"""A time before every event's."""
Event = Sequence[Any]
"""As the statement gives it: see `_Places`."""


@dataclass(frozen=True, slots=True)
class _Places:
    """Where an event's tuple says what, the first place being 1.

    micros, event_id, source; for each step whether it may be that one, and whether it is of the type that must not be
    before that one; the hashes of its values for each name.
    """

    node: SequenceNode

    def step(self, at: int) -> int:
        """May be the step."""
        return 4 + at

    def barrier(self, at: int) -> int:
        """May not be between the step and the one before."""
        return 4 + len(self.node.sequence) + self._barriers.index(at)

    def values(self, name: str) -> int:
        """Hashes of the values that two steps are to have in common."""
        return 4 + len(self.node.sequence) + len(self._barriers) + self.names.index(name)

    @property
    def _barriers(self) -> list[int]:
        return [at for at, step in enumerate(self.node.sequence) if step.without]

    @property
    def names(self) -> list[str]:
        """The names by which steps are to be the same."""
        return list(dict.fromkeys(step.same for step in self.node.sequence if step.same))


def sequence(node: SequenceNode, statement: Statement) -> Outcome:
    """Whether some chain fits."""
    looks = [look_at(step.event, step.where, node.window, statement) for step in node.sequence]
    any_step = statement.facts.value(" OR ".join(dict.fromkeys(f"({look.matches})" for look in looks)))
    edges = tuple(dict.fromkeys(edge for look in looks for edge in look.filter_edges))
    steps = Look(statement.facts, statement.scope, any_step, node.window, edges)
    events = _events(node, looks, steps, statement)
    changing = tuple(steps.changing())
    ends = changing if isinstance(node.window, Last) else ()  # where events only leave, no chain comes to fit
    condition = Condition(
        f"has({_ending(node, events, statement.scope)}, 1)", (*(() if ends else changing), *steps.filtering())
    )
    return Outcome(condition, ends, rests_on=lambda: events)


def _events(node: SequenceNode, looks: Sequence[Look], steps: Look, statement: Statement) -> str:
    """The column of all events that are looked at, in time."""
    may_be = [f"toUInt8({look.matches})" for look in looks]
    between = [is_of(step.without, statement) for step in node.sequence if step.without]
    statement.event_types.update(step.without for step in node.sequence if step.without)
    values = [statement.facts.value(_hashes(name, node, statement)) for name in _Places(node).names]
    concerned = steps.matches if not between else f"({' OR '.join([steps.matches, *between])})"
    parts = ["toUnixTimestamp64Micro(occurred_at)", "event_id", "toString(source)", *may_be]
    whole = f"({', '.join([*parts, *(f'toUInt8({each})' for each in between), *values])})"
    inside = Look(steps.rows, statement.scope, concerned, node.window).inside
    return statement.facts.aggregate(f"arraySort(groupArrayIf({whole}, {inside}))")


def _hashes(name: str, node: SequenceNode, statement: Statement) -> str:
    """The values of a field written out, or of a bare name: of data.X and of any line."""
    paths = [name] if "." in name else [f"data.{name}", f"data.lines.{name}"]
    concerned = " OR ".join(dict.fromkeys(f"({is_of(step.event, statement)})" for step in node.sequence))
    found = f"arrayConcat({', '.join(_alike(path, statement.scope) for path in paths)})"
    return f"if({concerned}, arrayMap(value -> sipHash64(value), {found}), [])"


def _alike(path: str, scope: Scope) -> str:
    """Equal for equal values: amounts are kept as text, yet they are numbers."""
    values = raw_values(path, scope)
    types = money_types(path)
    if not types:
        return values
    numbers = f"arrayMap(x -> replaceAll(x, '\"', ''), {values})"
    return f"if(type IN {scope.value(types, 'Array(String)')}, {numbers}, {values})"


def _ending(node: SequenceNode, events: str, scope: Scope) -> str:
    """Which events end a whole chain: an array of 0 and 1."""
    making = _Ending(_Places(node), events, f"arrayEnumerateDense({events}.1, {events}.2)", scope)
    found = f"{events}.{making.places.step(0)}"
    for at, step in list(enumerate(node.sequence))[1:]:
        found = making.next(at, step, found)
    return found


@dataclass(frozen=True, slots=True)
class _Ending:
    """Steps as SQL; `events` is the column, `ranks` says which of them stand at one place."""

    places: _Places
    events: str
    ranks: str
    scope: Scope

    def next(self, at: int, step: Step, before: str) -> str:
        """Which events end a chain with this step, from those that end one with the step before."""
        barrier = [f"{self._last(f'{self.events}.{self.places.barrier(at)}')}.1"] if step.without else []
        arrays = [f"{self.events}.{self.places.step(at)}", f"{self.events}.1", self.ranks, *barrier]
        return (self._same if step.same else self._latest)(step, before, arrays)

    def _latest(self, step: Step, before: str, arrays: Sequence[str]) -> str:
        is_step, times, _, *barrier = arrays
        terms = ["is", "last.1 > 0", *_bounds(step, "last.1", "last.2", self.scope)]
        names = "is, micros, last, barrier" if barrier else "is, micros, last"
        return (
            f"arrayMap(({names}) -> {' AND '.join(terms)}, {', '.join([is_step, times, self._last(before), *barrier])})"
        )

    def _last(self, marked: str) -> str:
        """Of each event (rank, micros) of the latest marked event strictly before it; (0, …) where there is none."""
        places = f"arrayPushFront(arrayZip({self.ranks}, {self.events}.1), (0, {_BEFORE_ALL}))"
        until = f"arrayPopBack(arrayFill((place, is) -> is, {places}, arrayPushFront({marked}, 1)))"
        return f"arrayFill((place, gap) -> gap != 0, {until}, arrayDifference({self.ranks}))"

    def _same(self, step: Step, before: str, arrays: Sequence[str]) -> str:
        values = f"{self.events}.{self.places.values(step.same or '')}"
        ended = f"arrayFilter((end, is) -> is, arrayZip({self.ranks}, {self.events}.1, {values}), {before})"
        terms = ["place < rank", "hasAny(others, values)", *_bounds(step, "place", "time", self.scope)]
        fits = f"arrayExists((place, time, others) -> {' AND '.join(terms)}, ended.1, ended.2, ended.3)"
        names = "is, micros, rank, barrier, values" if len(arrays) > 3 else "is, micros, rank, values"
        each = f"arrayMap(({names}) -> is AND {fits}, {', '.join([*arrays, values])})"
        return f"arrayMap(ended -> {each}, [{ended}])[1]"


def _bounds(step: Step, place: str, time: str, scope: Scope) -> list[str]:
    """What must hold of the event before, beside that it is before."""
    found = [f"{place} >= barrier"] if step.without else []
    if step.within:
        found.append(f"micros - {time} <= {scope.value(int(step.within.total_seconds()) * 1_000_000, 'Int64')}")
    return found


def chain(node: SequenceNode, events: Sequence[Event]) -> list[Event]:
    """The earliest chain that fits, of the events that the statement gives in time; [] when there is none."""
    return _Chains(node, events).continued(None, 0) or []


@dataclass
class _Chains:
    """Tries the events in time, and remembers from which of them nothing went on."""

    node: SequenceNode
    events: Sequence[Event]

    def __post_init__(self) -> None:
        self.places = _Places(self.node)
        self.vain: set[tuple[int | None, int]] = set()

    def continued(self, before: int | None, at: int) -> list[Event] | None:
        """The chain with an event for each of the steps that are left."""
        if at == len(self.node.sequence):
            return []
        if (before, at) in self.vain:
            return None
        for place in range(len(self.events)):
            if self._fits(before, place, at):
                rest = self.continued(place, at + 1)
                if rest is not None:
                    return [self.events[place], *rest]
        self.vain.add((before, at))
        return None

    def _fits(self, before: int | None, place: int, at: int) -> bool:
        event, step = self.events[place], self.node.sequence[at]
        if not event[self.places.step(at) - 1]:
            return False
        return before is None or self._follows(self.events[before], event, step, at)

    def _follows(self, before: Event, event: Event, step: Step, at: int) -> bool:
        if _place(before) >= _place(event):
            return False
        if step.within and event[0] - before[0] > step.within.total_seconds() * 1_000_000:
            return False
        if step.same:
            value = self.places.values(step.same) - 1
            if set(before[value]).isdisjoint(event[value]):
                return False
        return not (step.without and self._interrupted(before, event, self.places.barrier(at) - 1))

    def _interrupted(self, before: Event, event: Event, mark: int) -> bool:
        return any(each[mark] and _place(before) < _place(each) < _place(event) for each in self.events)


def _place(event: Event) -> tuple[int, bytes]:
    return event[0], str(event[1]).encode()
