"""Windows of time, seen from T (now, or as_of). Without one, an event counts whenever it was."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BeforeValidator, Discriminator, Field, PlainValidator, Tag, WithJsonSchema, model_validator

from schemas.definitions.durations import Duration, Span
from schemas.definitions.model import Part
from schemas.definitions.refusals import did_you_mean
from schemas.definitions.values import read_time
from schemas.errors import InvalidValue

Period = Literal["today", "yesterday", "this_week", "last_week", "this_month", "last_month", "this_year"]
"""In the platform's time zone; weeks begin on Monday."""

Time = Annotated[
    datetime,
    PlainValidator(read_time),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-22T08:00:00+08:00"]}),
]


class Window(Part):
    """Any window."""

    what = "a window"


class Last(Window):
    """T - last < t <= T."""

    last: Span


class BetweenAgo(Window):
    """T - the first < t <= T - the second."""

    between_ago: Annotated[tuple[Span, Duration], Field(strict=False)]

    @model_validator(mode="after")
    def _first_is_longer_ago(self) -> Self:
        earlier, later = self.between_ago
        if earlier <= later:
            raise InvalidValue(
                "invalid_value", 'should begin longer ago than it ends: ["90d", "30d"]', ("between_ago",)
            )
        return self

    @property
    def earlier(self) -> timedelta:
        """How long ago it began."""
        return self.between_ago[0]

    @property
    def later(self) -> timedelta:
        """How long ago it ended."""
        return self.between_ago[1]


class FromTo(Window):
    """from <= t < to; one of them may be left open."""

    from_: Time | None = Field(None, alias="from")
    to: Time | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.from_ is not None and self.to is not None and self.from_ >= self.to:
            raise InvalidValue("invalid_value", "should be later than `from`", ("to",))
        if self.from_ is None and self.to is None:
            raise InvalidValue("missing_field", "or `to` should be a time", ("from",))
        return self


def _period(name: object) -> object:
    known = get_args(Period)
    if name not in known:
        raise InvalidValue("invalid_value", f"should be one of {', '.join(known)}{did_you_mean(name, known)}")
    return name


class Calendar(Window):
    """A day, week, month or year of the calendar, up to T."""

    calendar: Annotated[Period, BeforeValidator(_period)]


_TAGS = {"last": "<last>", "between_ago": "<between_ago>", "calendar": "<calendar>", "from": "<from>", "to": "<from>"}
WINDOW_KEYS = tuple(_TAGS)


def _kind(window: Any) -> str | None:
    return next((tag for key, tag in _TAGS.items() if key in window), None) if isinstance(window, dict) else None


AnyWindow = Annotated[
    Annotated[Last, Tag("<last>")]
    | Annotated[BetweenAgo, Tag("<between_ago>")]
    | Annotated[FromTo, Tag("<from>")]
    | Annotated[Calendar, Tag("<calendar>")],
    Discriminator(_kind),
]
