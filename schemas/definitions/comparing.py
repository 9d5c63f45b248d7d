"""Nodes that compare, and the filters within them: operators and values are read for what they are compared with."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator

from schemas.definitions.fields import check_event_type, event_field
from schemas.definitions.limits import MAX_FILTERS, MAX_NAME
from schemas.definitions.measures import Measure
from schemas.definitions.model import Part
from schemas.definitions.operators import AnyOperator, AnyValue, Typed, check_operator, read_value
from schemas.errors import InvalidValue

Name = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME)]
EventType = Annotated[Name, AfterValidator(check_event_type)]
Resolve = Callable[[str], Typed]

NODE_KEYS = (
    "all", "any", "not", "trait", "metric", "event", "first_event", "last_event", "sequence", "regular", "stopped",
    "restarted", "order", "tag", "segment", "sample",
)  # fmt: skip


class Filter(Part):
    """One condition on a field of the events or orders a node looks at."""

    what = "a filter"

    field: Name
    op: AnyOperator
    value: AnyValue = None


Filters = Annotated[tuple[Filter, ...], Field(strict=False, max_length=MAX_FILTERS)]
SomeFilters = Annotated[tuple[Filter, ...], Field(strict=False, min_length=1, max_length=MAX_FILTERS)]


class NodePart(Part):
    """A node: `kind` is the key that tells what it is."""

    kind: ClassVar[str]

    @classmethod
    def stranger(cls, name: str, known: tuple[str, ...]) -> str:
        """A node is one thing: a second one beside it is no misspelling."""
        if name in NODE_KEYS:
            return f"cannot stand beside `{cls.kind}`: each is a node of its own, and `all` holds several"
        return super().stranger(name, known)


class Comparing(NodePart):
    """A node with `op` and `value`; `typed_by` says what they are compared with, once that is known."""

    @classmethod
    @abstractmethod
    def typed_by(cls, said: dict[str, Any]) -> Typed | None:
        """What is compared, from the fields before `op`; None if those were refused."""

    @property
    def typed(self) -> Typed:
        """What is compared."""
        found = self.typed_by(self.__dict__)
        assert found is not None  # noqa: S101 -- a node that exists has passed
        return found

    @field_validator("op", mode="after", check_fields=False)
    @classmethod
    def _op_compares_such(cls, op: Any, info: ValidationInfo) -> Any:
        if typed := cls.typed_by(info.data):
            check_operator(op, typed)
        return op

    @field_validator("value", mode="before", check_fields=False)
    @classmethod
    def _value_of_such(cls, raw: Any, info: ValidationInfo) -> Any:
        typed = cls.typed_by(info.data)
        return read_value(info.data["op"], raw, typed) if typed and "op" in info.data else None


class Looking(NodePart):
    """A part that looks at events of one type: its filters and its measure are read for that type."""

    @classmethod
    def resolver(cls, said: dict[str, Any]) -> Resolve | None:
        """How fields are found, once the type of events is known."""
        return partial(event_field, said[cls.kind]) if cls.kind in said else None

    @field_validator("where", "has", mode="after", check_fields=False)
    @classmethod
    def _filters_of_such(cls, filters: tuple[Filter, ...], info: ValidationInfo) -> tuple[Filter, ...]:
        resolve = cls.resolver(info.data)
        return tuple(_read(each, index, resolve) for index, each in enumerate(filters)) if resolve else filters

    @field_validator("measure", mode="after", check_fields=False)
    @classmethod
    def _measure_of_such(cls, measure: Measure, info: ValidationInfo) -> Measure:
        resolve = cls.resolver(info.data)
        return measure.check(resolve) if resolve else measure


class Measuring(Looking, Comparing):
    """A node that compares a measure of what it looks at."""

    @classmethod
    def typed_by(cls, said: dict[str, Any]) -> Typed | None:
        """What the measure gives."""
        resolve = cls.resolver(said)
        return said["measure"].typed(resolve) if resolve and "measure" in said else None


def _read(each: Filter, index: int, resolve: Resolve) -> Filter:
    part = "field"
    try:
        typed = resolve(each.field)
        part = "op"
        check_operator(each.op, typed)
        part = "value"
        value = read_value(each.op, each.value, typed)
    except InvalidValue as error:
        raise InvalidValue(error.code, error.message, (str(index), part, *error.field)) from None
    return each.model_copy(update={"value": value})
