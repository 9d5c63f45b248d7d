"""What is measured of the events or orders that match: how many, on how many days, how much."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, Self, cast, get_args

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from schemas.definitions.limits import MAX_NAME
from schemas.definitions.model import Part
from schemas.definitions.operators import Typed
from schemas.errors import InvalidValue

MeasureName = Literal["count", "distinct", "distinct_days", "sum", "avg", "min", "max"]
MEASURES: tuple[MeasureName, ...] = get_args(MeasureName)
_OF_NUMBERS = frozenset({"sum", "avg", "min", "max"})
_NUMBER = Typed("number")


def _true(said: object) -> object:
    if said is not True and said is not None:
        raise InvalidValue("invalid_value", "should be true")
    return said


_True = Annotated[Literal[True], BeforeValidator(_true)]
_FieldName = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME)]


class Measure(Part):
    """Exactly one of its fields is there."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})
    what = "a measure"

    count: _True | None = None
    distinct: _FieldName | None = None
    distinct_days: _True | None = Field(None, description="days of the platform's zone")
    sum: _FieldName | None = None
    avg: _FieldName | None = None
    min: _FieldName | None = None
    max: _FieldName | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if len(self.spelt()) != 1:
            raise InvalidValue("invalid_value", f"should be exactly one of {', '.join(MEASURES)}")
        return self

    @property
    def name(self) -> MeasureName:
        """Which one it is."""
        return cast("MeasureName", next(iter(self.spelt())))

    @property
    def field(self) -> str | None:
        """The field that is measured; None for count and distinct_days."""
        said = self.spelt()[self.name]
        return said if isinstance(said, str) else None

    def check(self, resolve: Callable[[str], Typed]) -> Self:
        """Refuse a field that is unknown, or of which there is no such measure. Raises InvalidValue."""
        if self.field is None:
            return self
        try:
            kind = resolve(self.field).kind
        except InvalidValue as error:
            raise InvalidValue(error.code, error.message, (self.name,)) from None
        if kind == "object" or (self.name in _OF_NUMBERS and kind not in {"number", "money", "any"}):
            noun = "numbers" if self.name in _OF_NUMBERS else "single values"
            raise InvalidValue("invalid_value", f"should name a field of {noun}", (self.name,))
        return self

    def typed(self, resolve: Callable[[str], Typed]) -> Typed:
        """What it gives: an amount for sums, averages and extremes of amounts, else a number."""
        if self.field is None or self.name not in _OF_NUMBERS or resolve(self.field).kind != "money":
            return _NUMBER
        return Typed("money")


COUNT = Measure.model_validate({"count": True})


def fill(sent: Any) -> Any:
    """An event or order clause without an operator asks for at least the value, without either for at least 1."""
    if not isinstance(sent, dict) or sent.get("op") is not None:
        return sent
    return {**sent, "op": "gte", "value": 1 if sent.get("value") is None else sent["value"]}
