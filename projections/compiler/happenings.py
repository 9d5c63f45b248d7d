"""Nodes about what a customer did: a measure of events, the first, the last, regularity, stopping and coming back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from projections.compiler.fields import event_numbers, event_value
from projections.compiler.found import Condition, Found
from projections.compiler.looks import Look
from projections.compiler.measures import Fields, measured, satisfied
from projections.compiler.operators import compare
from projections.compiler.outcome import Outcome, Statement, things
from projections.compiler.scope import T
from schemas.definitions.comparing import Filter
from schemas.definitions.fields import types_of
from schemas.definitions.happenings import (
    EventNode,
    FirstEventNode,
    LastEventNode,
    RegularNode,
    RestartedNode,
    StoppedNode,
)
from schemas.definitions.operators import Typed
from schemas.definitions.windows import AnyWindow, Last

# Links are events of their own: no family has them.
_SILENT = "type NOT IN ('customer.linked', 'customer.unlinked')"
_MICROS_OF_T = f"toUnixTimestamp64Micro({T})"


def look_at(event: str, where: Sequence[Filter], window: AnyWindow | None, statement: Statement) -> Look:
    """The events of a type or family that pass the filters, through a window."""
    statement.event_types.add(event)
    filters = [passes(event, each, statement) for each in where]
    edges = tuple(dict.fromkeys(edge for each in filters for edge in each.edges))
    matches = " AND ".join([is_of(event, statement), *(each.holds for each in filters)])
    return Look(statement.facts, statement.scope, matches, window, edges)


def is_of(event: str, statement: Statement) -> str:
    """Whether a row is of the type, or of the family: a column, since it is asked often."""
    scope = statement.scope
    if not event.endswith(".*"):
        return statement.facts.value(f"type = {scope.value(event, 'String')}")
    family = f"startsWith(type, {scope.value(event[:-1], 'String')})"
    return statement.facts.value(f"{family} AND {_SILENT}" if event == "customer.*" else family)


def passes(event: str, each: Filter, statement: Statement) -> Condition:
    """Whether a row passes a filter. Its field is read once, and only of events of the type: JSON is dear."""
    found = event_value(event, each.field, statement.scope, each.op, each.value)
    held = compare(_read_once(event, found, statement), each.op, each.value, statement.scope)
    return Condition(statement.facts.value(held.holds), held.edges)


def _read_once(event: str, found: Found, statement: Statement) -> Found:
    if "JSON" not in found.sql:
        return found
    column = statement.facts.value(guarded(event, found, statement))
    return Found(column, found.typed, is_store=found.is_store)


def guarded(event: str, found: Found, statement: Statement) -> str:
    """The value for events of the type, and nothing for all others: to read JSON is dear."""
    nothing = "[]" if found.typed.many or found.typed.kind == "any" else "0" if found.typed.kind == "object" else "NULL"
    return f"if({is_of(event, statement)}, {found.sql}, {nothing})" if "JSON" in found.sql else found.sql


def fields_of(event: str, statement: Statement) -> Fields:
    """The fields of such events."""

    def value(path: str) -> Found:
        found = event_value(event, path, statement.scope)
        return Found(guarded(event, found, statement), found.typed)

    def numbers(path: str) -> str:
        return guarded(event, Found(event_numbers(event, path, statement.scope), Typed("number", many=True)), statement)

    return Fields(value, numbers)


def event(node: EventNode, statement: Statement) -> Outcome:
    """A measure of the events that match."""
    look = look_at(node.event, node.where, node.window, statement)
    fields = fields_of(node.event, statement)
    return Outcome(
        satisfied(node, look, fields, statement.scope),
        value=partial(measured, node, look, fields),
        rests_on=partial(_events, look),
    )


def first_event(node: FirstEventNode, statement: Statement) -> Outcome:
    """Whether the first of the events is such."""
    look = look_at(node.first_event, node.where, node.window, statement)
    return _one(node, node.first_event, "argMin", look, statement)


def last_event(node: LastEventNode, statement: Statement) -> Outcome:
    """Whether the last of the events is such."""
    look = look_at(node.last_event, node.where, node.window, statement)
    return _one(node, node.last_event, "argMax", look, statement)


def _one(node: FirstEventNode | LastEventNode, event: str, pick: str, look: Look, statement: Statement) -> Outcome:
    has = [passes(event, each, statement) for each in node.has]
    such = " AND ".join(each.holds for each in has)
    holds = look.over(pick, f"toUInt8({such}), pos")
    own = Look(look.rows, look.scope, is_of(event, statement), None, tuple(e for each in has for e in each.edges))
    stays = look.there().edges if pick == "argMax" and isinstance(look.window, Last) else look.edges()
    return Outcome(
        Condition(holds, (*stays, *own.filtering())),
        rests_on=lambda: f"[{look.over(pick, '(pos, source, event_id), pos')}]",
    )


def stopped(node: StoppedNode, statement: Statement) -> Outcome:
    """Earlier, and not later."""
    look = look_at(node.stopped, node.where, None, statement)
    earlier, later = (look.through(window) for window in (node.earlier, node.later))
    return _of_windows([(earlier, True), (later, False)])


def restarted(node: RestartedNode, statement: Statement) -> Outcome:
    """Earlier and later, and not in the middle."""
    look = look_at(node.restarted, node.where, None, statement)
    earlier, middle, later = (look.through(window) for window in (node.earlier, node.middle, node.later))
    return _of_windows([(earlier, True), (middle, False), (later, True)])


def _of_windows(wanted: Sequence[tuple[Look, bool]]) -> Outcome:
    found = [(each.there(), there) for each, there in wanted]
    holds = " AND ".join(each.holds if there else f"NOT ({each.holds})" for each, there in found)
    edges = tuple(dict.fromkeys(edge for each, _ in found for edge in each.edges))
    lists = [each for each, _ in wanted]
    return Outcome(
        Condition(f"({holds})", edges), rests_on=lambda: f"arrayConcat({', '.join(_events(each) for each in lists)})"
    )


def regular(node: RegularNode, statement: Statement) -> Outcome:
    """At least so many times in at least so many of the last units.

    The n-th event of a unit is there once for each unit that has n. Nothing changes before an event passes from one
    unit to the next, and never for whom has too few events at all.
    """
    scope = statement.scope
    length = int(node.length.total_seconds()) * 1_000_000
    look = look_at(node.regular, node.where, Last.model_validate({"last": f"{node.of * node.length.days}d"}), statement)
    unit, age = scope.value(length, "Int64"), f"({_MICROS_OF_T} - toUnixTimestamp64Micro(occurred_at))"
    units = look.over("groupArray", f"intDiv({age}, {unit})")
    next_unit = look.over("minOrNull", f"{unit} - {age} % {unit}")
    times, enough = scope.value(node.times, "UInt64"), scope.value(node.in_, "UInt64")
    holds = f"countEqual(arrayEnumerateUniq({units}), {times}) >= {enough}"
    moves = f"if(length({units}) < {times} * {enough}, NULL, addMicroseconds({T}, {next_unit}))"
    counts = f"arrayMap(back -> countEqual({units}, back), range({scope.value(node.of, 'UInt64')}))"
    return Outcome(
        Condition(holds, (moves, *look.filtering())), value=lambda: Found(counts, Typed("number", many=True))
    )


def _events(look: Look) -> str:
    return things(look, "pos", "event_id")


def families(event_types: set[str]) -> tuple[list[str], bool]:
    """The types whose facts are read, and whether all of custom.* are."""
    known = {name for event in event_types for name in types_of(event) or ((event,) if event != "custom.*" else ())}
    return sorted(known), "custom.*" in event_types
