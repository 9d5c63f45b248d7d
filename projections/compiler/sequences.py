"""A sequence of events: SQL of whether any chain fits, and the chain that is told, the earliest.

The events that may be a step, or may stand between, are an array in time. Step by step it is marked which of them end
a fitting chain. Of the events that end a chain one step shorter, the latest before an event is the best there is,
for `within` as for `without`; so one pass over the array is enough. Only `same` needs to compare each with each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from projections.compiler.fields import money_types, raw_values
from projections.compiler.found import Condition, Found
from projections.compiler.happenings import is_of, look_at
from projections.compiler.looks import Look
from projections.compiler.outcome import Outcome, Statement
from projections.compiler.scope import Scope
from schemas.definitions.happenings import SequenceNode, Step
from schemas.definitions.operators import Typed
from schemas.definitions.windows import Last

_BEFORE_ALL = -(2**62)
"""A time before every event's."""
Event = Sequence[Any]
"""As the statement gives it: micros, event_id, source, marks, then the hashes of values by name."""


@dataclass(frozen=True, slots=True)
class _Marks:
    """Which bit of an event's marks says that it may be the n-th step, or that it is of the type that must not be."""

    node: SequenceNode

    def step(self, at: int) -> int:
        return at

    def without(self, at: int) -> int:
        return len(self.node.sequence) + at

    @property
    def names(self) -> list[str]:
        """The names by which steps are to be the same."""
        return list(dict.fromkeys(step.same for step in self.node.sequence if step.same))


def sequence(node: SequenceNode, statement: Statement) -> Outcome:
    """Whether some chain fits."""
    looks = [look_at(step.event, step.where, node.window, statement) for step in node.sequence]
    any_step = " OR ".join(dict.fromkeys(f"({look.matches})" for look in looks))
    edges = tuple(dict.fromkeys(edge for look in looks for edge in look.filter_edges))
    steps = Look(statement.facts, statement.scope, f"({any_step})", node.window, edges)
    events = _events(node, looks, steps, statement)
    holds = f"has({_ending(node, f'arraySort({events})', statement.scope)}, 1)"
    changing = tuple(steps.changing())
    ends = changing if isinstance(node.window, Last) else ()  # where events only leave, no chain comes to fit
    condition = Condition(holds, (*(() if ends else changing), *steps.filtering()))
    return Outcome(condition, ends, rests_on=lambda: f"arraySort({events})")


def _events(node: SequenceNode, looks: Sequence[Look], steps: Look, statement: Statement) -> str:
    """The column of all events that are looked at, in any order."""
    scope, marks = statement.scope, _Marks(node)
    said = [(marks.step(at), look.matches) for at, look in enumerate(looks)]
    for at, step in enumerate(node.sequence):
        if step.without:
            statement.event_types.add(step.without)
            said.append((marks.without(at), is_of(step.without, scope)))
    mark = " + ".join(f"bitShiftLeft(toUInt32({sql}), {bit})" for bit, sql in said)
    values = [statement.facts.value(_hashes(name, node, scope)) for name in marks.names]
    between = [sql for bit, sql in said if bit >= len(looks)]
    concerned = Look(steps.rows, scope, f"({' OR '.join([steps.matches, *between])})", node.window)
    parts = ["toUnixTimestamp64Micro(occurred_at)", "event_id", "toString(source)", mark, *values]
    return concerned.over("groupArray", f"({', '.join(parts)})")


def _hashes(name: str, node: SequenceNode, scope: Scope) -> str:
    """The values of a field written out, or of a bare name: of data.X and of any line."""
    paths = [name] if "." in name else [f"data.{name}", f"data.lines.{name}"]
    types = dict.fromkeys(step.event for step in node.sequence)
    concerned = " OR ".join(f"({is_of(event, scope)})" for event in types)
    found = f"arrayConcat({', '.join(_alike(path, scope) for path in paths)})"
    return f"if({concerned}, arrayMap(value -> sipHash64(value), {found}), [])"


def _alike(path: str, scope: Scope) -> str:
    """Equal for equal values: amounts are kept as text, yet they are numbers."""
    values = raw_values(path, scope)
    types = money_types(path)
    if not types:
        return values
    return f"if(type IN {scope.value(types, 'Array(String)')}, arrayMap(x -> replaceAll(x, '\"', ''), {values}), {values})"


def _ending(node: SequenceNode, events: str, scope: Scope) -> str:
    """Which events end a whole chain: an array of 0 and 1."""
    marks = _Marks(node)
    found = _marked(marks.step(0))
    for at, step in list(enumerate(node.sequence))[1:]:
        found = _next(marks, at, step, found, scope)
    ranks = "arrayEnumerateDense(arrayMap(event -> (event.1, event.2), events))"
    tied = "arrayMap(gap -> gap = 0, arrayDifference(arrayMap(rank -> toInt64(rank), ranks)))"
    whole = f"arrayMap(tied -> {found}, [{tied}])[1]"
    whole = f"arrayMap(ranks -> {whole}, [{ranks}])[1]"
    return f"arrayMap(events -> {whole}, [{events}])[1]"


def _marked(bit: int) -> str:
    return f"arrayMap(event -> bitTest(event.4, {bit}), events)"


def _next(marks: _Marks, at: int, step: Step, before: str, scope: Scope) -> str:
    """Which events end a chain with this step, from those that end one with the step before."""
    between = f"arrayMap(last -> last.1, {_last(_marked(marks.without(at)))})" if step.without else ""
    if step.same:
        return _next_same(marks, at, step, before, between, scope)
    terms = [f"bitTest(event.4, {marks.step(at)})", "last.1 > 0"]
    if step.within:
        terms.append(f"event.1 - last.2 <= {_micros(step, scope)}")
    if between:
        terms.append("last.1 >= barrier")
    names, arrays = ("event, last, barrier", f", {between}") if between else ("event, last", "")
    return f"arrayMap(({names}) -> {' AND '.join(terms)}, events, {_last(before)}{arrays})"


def _last(marked: str) -> str:
    """Of each event (rank, micros) of the latest marked event strictly before it; (0, …) where there is none."""
    places = f"arrayPushFront(arrayMap((rank, event) -> (toInt64(rank), event.1), ranks, events), (toInt64(0), toInt64({_BEFORE_ALL})))"
    until = f"arrayFill((place, is) -> is, {places}, arrayPushFront({marked}, 1))"
    return f"arrayFill((place, is_tied) -> NOT is_tied, arrayPopBack({until}), tied)"


def _next_same(marks: _Marks, at: int, step: Step, before: str, between: str, scope: Scope) -> str:
    value = 5 + marks.names.index(step.same or "")
    terms = ["place < rank", f"hasAny(values, event.{value})"]
    if step.within:
        terms.append(f"event.1 - micros <= {_micros(step, scope)}")
    if between:
        terms.append("place >= barrier")
    some = (
        f"arrayFilter((x, is) -> is, arrayMap((event, rank) -> (rank, event.1, event.{value}), events, ranks), {before})"
    )
    names, arrays = ("event, rank, barrier", f", {between}") if between else ("event, rank", "")
    fits = f"arrayExists((place, micros, values) -> {' AND '.join(terms)}, ended.1, ended.2, ended.3)"
    each = f"arrayMap(({names}) -> bitTest(event.4, {marks.step(at)}) AND {fits}, events, ranks{arrays})"
    return f"arrayMap(ended -> {each}, [{some}])[1]"


def _micros(step: Step, scope: Scope) -> str:
    assert step.within is not None  # noqa: S101 -- the caller has looked
    return scope.value(int(step.within.total_seconds()) * 1_000_000, "Int64")


def chain(node: SequenceNode, events: Sequence[Event]) -> list[Event]:
    """The earliest chain that fits, of the events that the statement gives in time; [] when there is none."""
    return _Chains(node, events).continued(None, 0) or []


@dataclass
class _Chains:
    """Tries the events in time, and remembers from which of them nothing went on."""

    node: SequenceNode
    events: Sequence[Event]

    def __post_init__(self) -> None:
        self.marks = _Marks(self.node)
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
        if not event[3] >> self.marks.step(at) & 1:
            return False
        return before is None or self._follows(self.events[before], event, step, at)

    def _follows(self, before: Event, event: Event, step: Step, at: int) -> bool:
        if _place(before) >= _place(event):
            return False
        if step.within and event[0] - before[0] > step.within.total_seconds() * 1_000_000:
            return False
        if step.same:
            value = 4 + self.marks.names.index(step.same)
            if set(before[value]).isdisjoint(event[value]):
                return False
        return not (step.without and self._interrupted(before, event, self.marks.without(at)))

    def _interrupted(self, before: Event, event: Event, mark: int) -> bool:
        return any(each[3] >> mark & 1 and _place(before) < _place(each) < _place(event) for each in self.events)


def _place(event: Event) -> tuple[int, bytes]:
    return event[0], str(event[1]).encode()
