"""What is measured of the rows inside a look, and the comparison of it: exact, whatever the numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from projections.compiler.dates import ZONE
from projections.compiler.found import Condition, Found
from projections.compiler.looks import Look
from projections.compiler.operators import compare
from projections.compiler.scope import Scope
from projections.compiler.windows import later
from schemas.definitions.happenings import EventNode, OrderNode
from schemas.definitions.operators import Operator, Typed
from schemas.definitions.values import Value
from schemas.definitions.windows import Last

_NUMBER, _MONEY = Typed("number"), Typed("money")
_DIGITS, _DECIMALS = 30, 4
"""What money surely holds."""
_LONGEST = 1000
"""Times that are kept to know when so many will be too few."""
# By operator: how many must be there for it to hold, or not to hold, beyond its value.
_THRESHOLDS: dict[Operator, int] = {"gte": 0, "lt": 0, "gt": 1, "lte": 1}


@dataclass(frozen=True, slots=True)
class Fields:
    """How the fields of the rows are read: as values that can be told apart, and as arrays of numbers."""

    value: Callable[[str], Found]
    numbers: Callable[[str], str]


def measured(node: EventNode | OrderNode, look: Look, fields: Fields) -> Found:
    """What the node's measure gives: nothing only for averages and extremes of nothing."""
    name, field = node.measure.name, node.measure.field
    if field is None:
        return Found(look.count() if name == "count" else _days(look), _NUMBER)
    if name == "distinct":
        found = fields.value(field)
        array = "Array" if found.typed.many or found.typed.kind == "any" else ""
        return Found(look.over(f"uniqExact{array}", look.rows.value(found.sql)), _NUMBER)
    return Found(_of_numbers(name, look, look.rows.value(fields.numbers(field))), node.typed)


def satisfied(node: EventNode | OrderNode, look: Look, fields: Fields, scope: Scope) -> Condition:
    """Whether the measure satisfies the node's operator, and the moments at which it may do otherwise."""
    threshold = _threshold(node)
    if threshold is not None and isinstance(look.window, Last):
        return _reaching(threshold, look, wanted=node.op in {"gte", "gt"})
    if threshold == 1:
        present = look.there()
        return present if node.op in {"gte", "gt"} else Condition(f"NOT ({present.holds})", present.edges)
    found, value = _comparable(node, measured(node, look, fields))
    return Condition(_compared(found, node.op, value, scope), look.edges())


def _compared(found: Found, op: Operator, value: Value, scope: Scope) -> str:
    """Of amounts `in` is said as each of them: ClickHouse looks up no decimals of other precision."""
    if found.typed.kind != "money" or not isinstance(value, tuple) or op == "between":
        return compare(found, op, value, scope).holds
    some = " OR ".join(compare(found, "eq", each, scope).holds for each in value)
    return f"({some})" if op == "in" else f"(isNotNull({found.sql}) AND NOT ({some}))"


def _threshold(node: EventNode | OrderNode) -> int | None:
    """How many of the matching decide, where a count is compared with a whole number."""
    if node.measure.name != "count" or node.op not in _THRESHOLDS or not isinstance(node.value, int):
        return None
    number = node.value + _THRESHOLDS[node.op]
    return number if 1 <= number <= _LONGEST else None


def _reaching(number: int, look: Look, *, wanted: bool) -> Condition:
    """At least so many within the last …: it ends when the latest but so many leaves."""
    assert isinstance(look.window, Last)  # noqa: S101 -- the caller has looked
    if number == 1:
        found = look.there()
        return found if wanted else Condition(f"NOT ({found.holds})", found.edges)
    micros = look.rows.value(f"-toUnixTimestamp64Micro({_known(look.rows.time)})")
    latest = look.over("groupArraySorted", micros, parameter=number)
    reached = f"length({latest}) = {number}"
    last = f"if({reached}, fromUnixTimestamp64Micro(-{latest}[{number}], 'UTC'), NULL)"
    edges = (later(last, look.window.last, look.scope), *look.filtering())
    return Condition(reached if wanted else f"NOT ({reached})", edges)


def _known(time: str) -> str:
    return f"assumeNotNull({time})"


def _days(look: Look) -> str:
    return look.over("uniqExact", f"toYYYYMMDD({look.rows.time}, {ZONE})")


def _of_numbers(name: str, look: Look, numbers: str) -> str:
    if name in {"min", "max"}:
        return look.over(f"{name}OrNull", f"arrayReduce('{name}OrNull', {numbers})")
    total = look.over("sum", f"arraySum({numbers})")
    if name == "sum":
        return total
    times = look.over("sum", f"length({numbers})")
    return f"if({times} = 0, NULL, {total} / greatest({times}, 1))"


def _comparable(node: EventNode | OrderNode, found: Found) -> tuple[Found, Value]:
    """Decimals are compared with decimals, or by their digits: a double would not be exact."""
    if node.measure.name not in {"sum", "avg", "min", "max"} or found.typed != _NUMBER:
        return found, node.value
    some = node.value if isinstance(node.value, tuple) else (node.value,)
    amounts = tuple(_amount(each) for each in some)
    if all(each is not None for each in amounts):
        return replace(found, typed=_MONEY), amounts if isinstance(node.value, tuple) else amounts[0]  # type: ignore[return-value]
    return Found(f"if(isNull({found.sql}), [], [toString({found.sql})])", Typed("any")), node.value


def _amount(value: object) -> Decimal | None:
    """A number as money, which it is exactly unless it has too many digits."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    digits = Decimal(str(value))
    exponent = digits.as_tuple().exponent
    return digits if digits.adjusted() < _DIGITS and isinstance(exponent, int) and exponent >= -_DECIMALS else None
