"""Operators: which compare what, and the values they take. Of two things that cannot be compared, none is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, Literal, NamedTuple, get_args

from pydantic import BeforeValidator, SkipValidation, WithJsonSchema

from schemas.definitions import values
from schemas.definitions.durations import parse_duration, parse_span
from schemas.definitions.limits import MAX_LIST
from schemas.definitions.patterns import check_pattern
from schemas.definitions.refusals import did_you_mean
from schemas.definitions.values import Kind, Scalar, Value
from schemas.errors import InvalidValue

Operator = Literal[
    "eq", "ne", "in", "not_in",
    "gt", "gte", "lt", "lte", "between",
    "contains", "starts_with", "matches",
    "within_last", "within_next", "anniversary_within",
    "exists", "missing",
]  # fmt: skip
OPERATORS: tuple[Operator, ...] = get_args(Operator)


class Typed(NamedTuple):
    """What a trait, metric or field holds; `many`: a list, which satisfies if any element does."""

    kind: Kind
    many: bool = False


_PRESENCE: tuple[Operator, ...] = ("exists", "missing")
_EQUALITY: tuple[Operator, ...] = ("eq", "ne", "in", "not_in")
_ORDER: tuple[Operator, ...] = ("gt", "gte", "lt", "lte", "between")
_TEXT: tuple[Operator, ...] = ("contains", "starts_with", "matches")

OPERATORS_OF: Mapping[Kind, tuple[Operator, ...]] = MappingProxyType(
    {
        "any": OPERATORS,
        "string": (*_EQUALITY, *_TEXT, *_PRESENCE),
        "number": (*_EQUALITY, *_ORDER, *_PRESENCE),
        "money": (*_EQUALITY, *_ORDER, *_PRESENCE),
        "bool": ("eq", "ne", *_PRESENCE),
        "time": (*_EQUALITY, *_ORDER, "within_last", "within_next", "anniversary_within", *_PRESENCE),
        "date": (*_EQUALITY, *_ORDER, "anniversary_within", *_PRESENCE),
        "label": (*_EQUALITY, *_TEXT, *_PRESENCE),
        "object": _PRESENCE,
    }
)
_NOUNS: Mapping[Kind, str] = {
    "any": "a value",
    "string": "text",
    "number": "a number",
    "money": "an amount",
    "bool": "true or false",
    "time": "a time",
    "date": "a date",
    "label": "a tag",
    "object": "an object",
}
_READERS: Mapping[Kind, Callable[[object], Scalar]] = {
    "any": values.read_any,
    "string": values.read_text,
    "number": values.read_number,
    "money": values.read_money,
    "bool": values.read_bool,
    "time": values.read_time,
    "date": values.read_date,
    "label": values.read_label,
}
_DURATIONS = {"within_last": parse_span, "within_next": parse_span, "anniversary_within": parse_duration}
_SIGNS = {"=": "eq", "==": "eq", "!=": "ne", "<>": "ne", ">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}


def _known(name: object) -> object:
    if not isinstance(name, str) or name not in OPERATORS:
        hint = f"; did you mean `{_SIGNS[name]}`?" if isinstance(name, str) and name in _SIGNS else ""
        raise InvalidValue("invalid_value", f"is no operator{hint or did_you_mean(name, OPERATORS)}")
    return name


AnyOperator = Annotated[Operator, BeforeValidator(_known)]
_ONE = {"type": ["string", "number", "boolean"]}
AnyValue = Annotated[
    Value,
    SkipValidation,
    WithJsonSchema({"anyOf": [_ONE, {"type": "array", "items": _ONE, "minItems": 1, "maxItems": MAX_LIST}]}),
]
"""Read by `read_value`, once it is known what it is compared with."""


def check_operator(op: Operator, typed: Typed) -> None:
    """Refuse an operator that does not compare such things. Raises InvalidValue."""
    able = OPERATORS_OF[typed.kind]
    if op not in able:
        raise InvalidValue("invalid_value", f"cannot compare {_NOUNS[typed.kind]}; what can: {', '.join(able)}")


def read_value(op: Operator, raw: Any, typed: Typed) -> Value:
    """Read the value of an operator that `check_operator` let pass. Raises InvalidValue."""
    if op in _PRESENCE:
        if raw is not None:
            raise InvalidValue("invalid_value", f"should not be there: `{op}` compares with nothing")
        return None
    if raw is None:
        raise InvalidValue("missing_field", f"is missing: `{op}` compares with it")
    if op in _DURATIONS:
        return _DURATIONS[op](raw)
    if op == "between":
        return _between(raw, typed)
    if op in {"in", "not_in"}:
        return _list(raw, typed)
    return _text(op, raw) if op in _TEXT else _reader(op, typed)(raw)


def _reader(op: Operator, typed: Typed) -> Callable[[object], Scalar]:
    return values.read_ordered if typed.kind == "any" and op in _ORDER else _READERS[typed.kind]


def _text(op: Operator, raw: object) -> str:
    text = values.read_text(raw)
    if not text:
        raise InvalidValue("invalid_value", "should not be empty, for every text has that")
    if op == "matches":
        check_pattern(text)
    return text


def _between(raw: object, typed: Typed) -> tuple[Scalar, ...]:
    if not isinstance(raw, list) or len(raw) != 2:
        raise InvalidValue("invalid_type", "should be a list of two values, the lesser first")
    least, most = _each(raw, _reader("between", typed))
    if _sort(least) != _sort(most):
        raise InvalidValue("invalid_type", "should be two values of one kind")
    if least > most:  # type: ignore[operator]  # of one kind, and what has no order was refused above
        raise InvalidValue("invalid_value", "should have the lesser value first")
    return least, most


def _list(raw: object, typed: Typed) -> tuple[Scalar, ...]:
    """Sorted, each once: a list of alternatives means the same in any order."""
    if not isinstance(raw, list) or not 0 < len(raw) <= MAX_LIST:
        raise InvalidValue("invalid_type", f"should be a list of 1 to {MAX_LIST} values")
    found = {(_sort(each), each): each for each in _each(raw, _READERS[typed.kind])}
    return tuple(found[key] for key in sorted(found))


def _each(raw: list[Any], read: Callable[[object], Scalar]) -> list[Scalar]:
    found: list[Scalar] = []
    for index, each in enumerate(raw):
        try:
            found.append(read(each))
        except InvalidValue as error:
            raise InvalidValue(error.code, error.message, (str(index),)) from None
    return found


def _sort(value: Scalar) -> str:
    """Tell true from 1, and a time from its date."""
    if isinstance(value, bool | str):
        return type(value).__name__
    return "number" if isinstance(value, int | float) else "time" if isinstance(value, datetime) else "other"
