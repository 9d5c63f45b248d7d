"""The fields of events as SQL over a row of facts: of its columns where they say exactly the same, else of its JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from projections.compiler import jsonvalues
from projections.compiler.dates import times_of
from projections.compiler.found import Found
from projections.compiler.scope import Scope
from schemas.definitions.fields import event_field, types_of
from schemas.definitions.operators import Operator, Typed
from schemas.definitions.values import Kind
from schemas.errors import InvalidValue
from schemas.events import EVENT_TYPES

_BODY = frozenset({"order.placed", "order.completed", "order.updated"})
_PAYMENT = frozenset({"order.paid", "order.refunded"})
_COLUMNS: Mapping[str, tuple[str, frozenset[str]]] = MappingProxyType(
    {
        "data.total": ("amount", _BODY),
        "data.amount": ("amount", _PAYMENT),
        "data.refund_id": ("item", frozenset({"order.refunded"})),
        "data.scale": ("item", frozenset({"feedback.rated"})),
        "data.purpose": ("item", frozenset({"consent.changed"})),
        "data.tier": ("item", frozenset({"tier.changed"})),
    }
)
"""What the columns of these types hold."""
_LINES: Mapping[str, str] = MappingProxyType({"data.lines.category": "categories", "data.lines.brand": "brands"})
"""Columns without blanks and repeats: enough for operators that blanks never satisfy."""
_NOT_OF_BLANKS: frozenset[Operator] = frozenset({"eq", "in", "contains", "starts_with"})
_ENVELOPE = MappingProxyType(
    {"channel": "nullIf(toString(channel), '')", "store": "nullIf(store, '')", "source": "toString(source)"}
)
_STRING = Typed("string")


def _values_of_json() -> str:
    """What a value is that is no list and not null; of what lies within objects only the ends matter."""
    text = r'"(?:[^"\\]|\\.)*"'
    within = rf'(?:[^{{}}"]|{text})*'
    for _ in range(_DEPTH):
        within = rf'(?:[^{{}}"]|{text}|\{{{within}\}})*'
    return rf"{text}|\{{{within}\}}|-?[0-9][0-9.eE+-]*|true|false"


# How deep objects may lie within objects (schemas.decoding).
_DEPTH = 20
_VALUES = _values_of_json()

# A known field out of its JSON, by what it holds.
_SCALARS: Mapping[Kind, str] = MappingProxyType(
    {
        "string": "JSONExtract({}, 'Nullable(String)')",
        "number": "JSONExtract({}, 'Nullable(Float64)')",
        "bool": "JSONExtract({}, 'Nullable(Bool)')",
        "money": "toDecimal128OrNull(JSONExtractString({}), 4)",
    }
)
_LISTS: Mapping[Kind, Callable[[str], str]] = MappingProxyType(
    {
        "string": jsonvalues.texts,
        "number": lambda values: _without_null(f"arrayMap(x -> toFloat64OrNull(x), {jsonvalues.numerals(values)})"),
        "bool": jsonvalues.booleans,
        "money": lambda values: decimals(values, 4, "128"),
        "time": lambda values: times_of(jsonvalues.texts(values)),
        "any": lambda values: values,
    }
)


def event_value(event: str, path: str, scope: Scope, op: Operator | None = None, blank: object = "") -> Found:
    """A field of events of a type or family, typed as in `schemas.definitions.fields`.

    `op` and its value tell whether a column without blanks will do.
    """
    if path in _ENVELOPE:
        return Found(_ENVELOPE[path], _STRING, is_store=path == "store")
    typed = event_field(event, path)
    column = _column(event, path) or (_LINES.get(path) if op in _NOT_OF_BLANKS and _has_no_blank(blank) else None)
    if column and (path not in _LINES or _are(event, _BODY)):
        return Found(column, typed)
    if typed.kind in _SCALARS and not typed.many and is_known(event, path):
        return Found(_SCALARS[typed.kind].format(_arguments(path, scope)), typed)
    values = raw_values(path, scope)
    if typed.kind == "object":
        return Found(f"notEmpty({values})", Typed("object"))
    return Found(_LISTS[typed.kind](values), Typed(typed.kind, many=True))


def event_numbers(event: str, path: str, scope: Scope) -> str:
    """The numbers that a field holds or spells, exactly: an array of decimals, of 20 places."""
    if column := _column(event, path):
        return f"if(isNull({column}), [], [toDecimal256(assumeNotNull({column}), 20)])"
    return decimals(raw_values(path, scope), 20, "256")


def decimals(values: str, places: int, bits: str) -> str:
    """The numbers among raw JSON values that such decimals can hold."""
    return _without_null(f"arrayMap(x -> toDecimal{bits}OrNull(x, {places}), {jsonvalues.numerals(values)})")


def raw_values(path: str, scope: Scope) -> str:
    """All values at a path, as raw JSON; a list on the way means any of its elements."""
    top, first, *others = path.split(".")
    found = _spread(f"JSONExtractRaw({top}, {scope.value(first, 'String')})", scope)
    for name in others:
        below = f"arrayMap(part -> JSONExtractRaw(part, {scope.value(name, 'String')}), {found})"
        found = _spread(f"arrayStringConcat({below}, ' ')", scope)
    return found


def _spread(raw: str, scope: Scope) -> str:
    """The values written one after the other in a text of JSON: lists spread however deep, no nulls."""
    return f"extractAll({raw}, {scope.value(_VALUES, 'String')})"


def is_known(event: str, path: str) -> bool:
    """Whether all types meant have the field in the catalogue: then it holds one value, of its kind, or none."""
    types = types_of(event)
    return bool(types) and all(_kind(name, path) not in {"any", None} for name in types)


def money_types(path: str) -> Sequence[str]:
    """The types whose field is an amount, which is kept as text."""
    return [name for name in EVENT_TYPES if _kind(name, path) == "money"]


def _kind(event_type: str, path: str) -> Kind | None:
    try:
        return event_field(event_type, path).kind
    except InvalidValue:
        return None


def _column(event: str, path: str) -> str | None:
    column, types = _COLUMNS.get(path, ("", frozenset()))
    return column if column and _are(event, types) else None


def _are(event: str, types: frozenset[str]) -> bool:
    meant = types_of(event)
    return bool(meant) and types.issuperset(meant)


def _has_no_blank(value: object) -> bool:
    return bool(value) and (not isinstance(value, tuple) or "" not in value)


def _arguments(path: str, scope: Scope) -> str:
    top, *parts = path.split(".")
    return ", ".join([top, *(scope.value(part, "String") for part in parts)])


def _without_null(values: str) -> str:
    return f"arrayMap(x -> assumeNotNull(x), arrayFilter(x -> isNotNull(x), {values}))"
