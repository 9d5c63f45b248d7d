"""The mapping of a file as a model: its layout, which rows count, and the events that rows or groups of rows mean."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, model_validator
from pydantic import Field as Described

from schemas.errors import InvalidValue
from schemas.events import is_event_type
from schemas.identifiers import IDENTIFIER_TYPES

Column = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Scalar = bool | int | Decimal | str
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]
Kind = Literal["text", "integer", "decimal", "boolean", "date", "time"]
Operator = Literal["eq", "ne", "in", "not_in", "gt", "gte", "lt", "lte", "exists", "missing"]
_WITHOUT_VALUE = ("exists", "missing")
_LISTS = ("in", "not_in")
MAX_EVENTS = 10
MAX_FIELDS = 200


class _Part(BaseModel):
    """What all parts have in common: no field that is not known, nothing changed afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Field(_Part):
    """Where a value comes from, and how it is read. Just text is short for `column`."""

    column: Column | None = Described(None, description="the column with this header")
    join: list[Column] | None = Described(
        None, min_length=2, max_length=10, description="several columns, put together: a date and a time"
    )
    separator: str = Described(" ", max_length=10, description="what is put between joined columns")
    value: Scalar | None = Described(None, description="the same for every row")
    file_name: str | None = Described(
        None, max_length=200, description="regular expression whose one group is taken from the file's name"
    )
    type: Kind | None = Described(
        None, description="how it is read; without it, as the event's field of this name wants it, else text"
    )
    format: str | None = Described(
        None, max_length=100, description="of times and dates: as strptime has it (%d.%m.%Y), or unix or unix_ms"
    )
    zone: str | None = Described(None, description="time zone of times without offset; else the mapping's")
    map: dict[str, Scalar] | None = Described(
        None, max_length=1000, description="what cells say → what is meant; other values stay as they are"
    )
    default: Scalar | None = Described(None, description="for empty cells")
    prefix: str = Described("", max_length=200, description="put before it: mall-1/brand-a/")
    absolute: bool = Described(default=False, description="take -12.00 as 12.00")
    over: Literal["first", "last", "sum", "count"] = Described(
        "first", description="of the rows of a group: the first or last row's value, their sum, how many they are"
    )

    @model_validator(mode="after")
    def _from_one_place(self) -> Self:
        places = [self.column, self.join, self.value, self.file_name]
        if sum(place is not None for place in places) != 1 and not (self.over == "count" and not any(places)):
            raise InvalidValue("invalid_value", "should name one of column, join, value and file_name")
        if self.zone is not None:
            require_zone(self.zone)
        if self.file_name is not None:
            _require_one_group(self.file_name)
        return self


def _spelt_out(said: Any) -> Any:
    return {"column": said} if isinstance(said, str) else said


AnyField = Annotated[Field, BeforeValidator(_spelt_out, json_schema_input_type=Column | Field)]
Fields = Annotated[dict[str, AnyField], Described(max_length=MAX_FIELDS)]


class Condition(_Part):
    """What a row's cell must say. Numbers are compared as numbers, anything else as text."""

    column: Column
    op: Operator = "eq"
    value: Scalar | list[Scalar] | None = None

    @model_validator(mode="after")
    def _value_fits(self) -> Self:
        if (self.value is None) != (self.op in _WITHOUT_VALUE):
            said = "no value" if self.op in _WITHOUT_VALUE else "a value"
            raise InvalidValue("invalid_value", f"should have {said} with {self.op}")
        if isinstance(self.value, list) != (self.op in _LISTS):
            raise InvalidValue("invalid_value", "should have a list of values with in and not_in, and only there")
        if self.op in {"gt", "gte", "lt", "lte"} and (isinstance(self.value, bool | str)):
            raise InvalidValue("invalid_value", f"should have a number with {self.op}")
        return self


Conditions = Annotated[list[Condition], Described(max_length=50)]


class EventMapping(_Part):
    """One event that a row, or a group of rows, means."""

    type: str = Described(description="type of the native event")
    name: Name | None = Described(None, description="ends the event_id; without it, the type does")
    where: Conditions = Described(default=[], description="only of rows (of a group: its first) that hold all of these")
    occurred_at: AnyField
    ids: Fields = Described(default={}, description="type of identifier → where it is")
    channel: AnyField | None = None
    store: AnyField | None = None
    data: Fields = Described(default={}, description="field of data → where it is; a dot leads into an object")
    lines: Fields = Described(default={}, description="fields of data.lines[], one line for each row of the group")

    @model_validator(mode="after")
    def _is_an_event(self) -> Self:
        if not is_event_type(self.type):
            raise InvalidValue("unknown_type", "should be a type of event, such as order.completed", ("type",))
        for kind in self.ids.keys() - set(IDENTIFIER_TYPES):
            raise InvalidValue("invalid_value", f"should be one of {', '.join(IDENTIFIER_TYPES)}", ("ids", kind))
        for name in self.data:
            _require_path(name, self.data)
        if self.lines and any(name.split(".")[0] == "lines" for name in self.data):
            raise InvalidValue("invalid_value", "should be said once: as lines, or within data", ("lines",))
        return self


class Mapping(_Part):
    """How the rows of a kind of file become native events."""

    name: Name = Described(description="begins every event_id: it cannot change once something was imported")
    source: Name | None = Described(None, description="whose write key is used, unless the command says so")
    files: list[Annotated[str, StringConstraints(min_length=1, max_length=200)]] = Described(
        default=[], max_length=50, description="names of such files, as shell patterns: pos-*.csv"
    )
    format: Literal["csv", "excel", "parquet"] | None = Described(None, description="without it, by the file's suffix")
    encoding: Literal["auto", "utf-8", "gb18030"] = Described("auto", description="of CSV; auto looks at the file")
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = Described(
        None, description="of CSV; without it, what the header has most of: comma, semicolon, tab, bar"
    )
    sheet: str | None = Described(None, max_length=200, description="of Excel; without it, the first")
    header: int = Described(1, ge=1, le=100, description="row with the names of columns; rows above do not count")
    time_zone: str | None = Described(None, description="of times without offset; without it, the platform's")
    key: list[Column] = Described(
        default=[], max_length=10, description="columns that name a row for ever; without it, file content and row do"
    )
    changed_rows: Literal["conflict", "new_event"] = Described(
        "conflict", description="a row that comes again under its key with other content: refused, or one event more"
    )
    group: list[Column] = Described(
        default=[], max_length=10, description="consecutive rows that agree in these columns are one thing: an order"
    )
    where: Conditions = Described(default=[], description="other rows are passed over")
    events: list[EventMapping] = Described(min_length=1, max_length=MAX_EVENTS)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.time_zone is not None:
            require_zone(self.time_zone, ("time_zone",))
        names = [each.name or each.type for each in self.events]
        if len(set(names)) < len(names):
            raise InvalidValue("invalid_value", "should have different names where they are of one type", ("events",))
        if self.changed_rows == "new_event" and not (self.key or self.group):
            raise InvalidValue("invalid_value", "should be new_event only where there is a key", ("changed_rows",))
        if not self.group and (place := next(_over_rows(self), None)):
            raise InvalidValue("invalid_value", "should be sum, last or count only where there is a group", place)
        return self


def require_zone(name: str, field: tuple[str, ...] = ("zone",)) -> None:
    """Raise InvalidValue for a time zone there is not."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidValue("invalid_value", "should be a time zone such as Asia/Shanghai", field) from None


def _require_one_group(pattern: str) -> None:
    try:
        groups = re.compile(pattern).groups
    except re.error:
        groups = 0
    if groups != 1:
        raise InvalidValue("invalid_value", "should be a regular expression with one (group)", ("file_name",))


def _require_path(name: str, among: dict[str, Field]) -> None:
    steps = name.split(".")
    if not all(steps) or len(steps) > 10:
        raise InvalidValue("invalid_value", "should be names with dots between them", ("data", name))
    for end in range(1, len(steps)):
        if ".".join(steps[:end]) in among:
            raise InvalidValue("invalid_value", "should not lie within another field", ("data", name))


def _over_rows(mapping: Mapping) -> Any:
    for index, event in enumerate(mapping.events):
        for part, fields in (("ids", event.ids), ("data", event.data)):
            for name, field in fields.items():
                if field.over != "first":
                    yield ("events", str(index), part, name, "over")
