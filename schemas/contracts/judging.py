"""Holding an event against a contract. Pure; what it says of an event repeats none of its values."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from schemas.contracts.model import Contract, EventRule, FieldRule, Kind, Mode
from schemas.errors import Rejected
from schemas.event import Event
from schemas.event_types import matches, matches_any
from schemas.pointers import dotted, pointer

CODES: Mapping[Mode, str] = {"block": "contract_violation", "quarantine": "contract_quarantine"}
"""Under which code a broken contract refuses an event; `count` refuses none."""

_Path = tuple[str | int, ...]
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing in which an event breaks its source's contract."""

    mode: Mode
    pointer: str
    message: str

    def refusal(self, event_id: str) -> Rejected:
        """As a refusal; not for what is only counted."""
        return Rejected(CODES[self.mode], self.pointer, self.message, event_id)


def violations(contract: Contract, event: Event) -> Iterator[Violation]:
    """Everything in which an event breaks a contract, in the order in which the contract says it."""
    if contract.types and not matches_any(contract.types, event.type):
        yield Violation(contract.mode, "/type", "type is not one the contract of this source names.")
    for name, rule in contract.events.items():
        if matches(name, event.type):
            for path, message in _broken(rule, event):
                yield Violation(rule.mode or contract.mode, pointer(path), message)


def refuse(found: Iterable[Violation], event_id: str, modes: Container[Mode] = tuple(CODES)) -> None:
    """Raise Rejected for the first that blocks, else the first that sets aside, as far as `modes` has them."""
    refusing = [each for each in found if each.mode in modes and each.mode in CODES]
    if refusing:
        raise min(refusing, key=lambda each: _SEVERITY[each.mode]).refusal(event_id)


_SEVERITY: Mapping[Mode, int] = {mode: place for place, mode in enumerate(CODES)}


def _broken(rule: EventRule, event: Event) -> Iterator[tuple[_Path, str]]:
    for name in rule.required:
        for path, value in _found(event, name):
            if value is _ABSENT or value in (None, ""):
                yield path, f"{dotted(path)} is missing: the contract of this source asks for it."
    for name, said in rule.fields.items():
        for path, value in _found(event, name):
            if value is not _ABSENT and value is not None and (message := _wrong(said, value)):
                yield path, f"{dotted(path)} {message}"


def _wrong(rule: FieldRule, value: Any) -> str:
    if rule.type is not None and not _IS[rule.type](value):
        return f"should be {_NAMES[rule.type]} by the contract of this source."
    if rule.enum is not None and not any(type(each) is type(value) and each == value for each in rule.enum):
        return "has a value that the contract of this source does not list."
    return ""


def _found(event: Event, name: str) -> Iterator[tuple[_Path, Any]]:
    """Where a field lies in an event, and what is there: of lists each element; once at least."""
    first, *rest = name.split(".")
    if first == "ids":
        yield (first, *rest), next((each.value for each in event.ids if each.type == rest[0]), _ABSENT)
    elif first in ("data", "context"):
        yield from _below((first,), event.data if first == "data" else event.context, rest)
    else:
        yield (first,), getattr(event, first) or _ABSENT


def _below(path: _Path, value: Any, steps: list[str]) -> Iterator[tuple[_Path, Any]]:
    if isinstance(value, list) and steps:
        for index, each in enumerate(value):
            yield from _below((*path, index), each, steps)
    elif not steps:
        yield path, value
    elif isinstance(value, dict) and steps[0] in value:
        yield from _below((*path, steps[0]), value[steps[0]], steps[1:])
    else:
        yield (*path, *steps), _ABSENT


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _is_decimal(value: Any) -> bool:
    if not isinstance(value, str):
        return _is_number(value)
    try:
        return Decimal(value).is_finite()
    except InvalidOperation:
        return False


_IS: Mapping[Kind, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": _is_integer,
    "number": _is_number,
    "decimal": _is_decimal,
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "list": lambda value: isinstance(value, list),
}
_NAMES: Mapping[Kind, str] = {
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "decimal": "a decimal number",
    "boolean": "true or false",
    "object": "an object",
    "list": "a list",
}
