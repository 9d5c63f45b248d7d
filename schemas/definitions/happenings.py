"""Nodes about what a customer did: events counted, first and last, in sequence, regularly, no more, again; orders."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from schemas.definitions.comparing import EventType, Filters, Looking, Measuring, Name, NodePart, Resolve, SomeFilters
from schemas.definitions.durations import Span
from schemas.definitions.fields import check_same, order_field
from schemas.definitions.limits import MAX_DURATION, MAX_UNITS, STEPS
from schemas.definitions.measures import COUNT, Measure, fill
from schemas.definitions.operators import AnyOperator, AnyValue
from schemas.definitions.windows import AnyWindow
from schemas.errors import InvalidValue

Unit = Literal["day", "week", "month"]
UNITS: dict[Unit, timedelta] = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}


class EventNode(Measuring):
    """A measure of the events that match, compared; by itself: there is one at least."""

    kind: ClassVar[str] = "event"
    what = "an event node"

    event: EventType
    where: Filters = ()
    measure: Measure = COUNT
    window: AnyWindow | None = None
    op: AnyOperator = "gte"
    value: AnyValue = Field(None, validate_default=True)

    @model_validator(mode="before")
    @classmethod
    def _at_least_one(cls, sent: Any) -> Any:
        return fill(sent)


class OrderNode(Measuring):
    """A measure of the orders that match, compared; the window is on the order's time."""

    kind: ClassVar[str] = "order"
    what = "an order node"

    order: Literal["any"]
    where: Filters = ()
    measure: Measure = COUNT
    window: AnyWindow | None = None
    op: AnyOperator = "gte"
    value: AnyValue = Field(None, validate_default=True)

    @model_validator(mode="before")
    @classmethod
    def _at_least_one(cls, sent: Any) -> Any:
        return fill(sent)

    @classmethod
    def resolver(cls, said: dict[str, Any]) -> Resolve | None:
        """Orders have fields of their own."""
        return order_field if "order" in said else None


class FirstEventNode(Looking):
    """Of the events that match, the first is such as `has` says."""

    kind: ClassVar[str] = "first_event"
    what = "a first_event node"

    first_event: EventType
    where: Filters = ()
    has: SomeFilters
    window: AnyWindow | None = None


class LastEventNode(Looking):
    """Of the events that match, the last is such as `has` says."""

    kind: ClassVar[str] = "last_event"
    what = "a last_event node"

    last_event: EventType
    where: Filters = ()
    has: SomeFilters
    window: AnyWindow | None = None


class Step(Looking):
    """One event of a sequence: how long after the step before, equal to it in what, without what between."""

    kind: ClassVar[str] = "event"
    what = "a step"

    event: EventType
    where: Filters = ()
    within: Span | None = None
    same: Annotated[Name, AfterValidator(check_same)] | None = None
    without: EventType | None = None


class SequenceNode(NodePart):
    """Events in strictly increasing (occurred_at, event_id); any chain that fits suffices."""

    kind: ClassVar[str] = "sequence"
    what = "a sequence node"

    sequence: Annotated[tuple[Step, ...], Field(strict=False, min_length=STEPS[0], max_length=STEPS[1])]
    window: AnyWindow | None = None

    @model_validator(mode="after")
    def _nothing_is_before_the_first(self) -> Self:
        for name in ("within", "same", "without"):
            if getattr(self.sequence[0], name) is not None:
                raise InvalidValue(
                    "invalid_value", "looks at the step before; the first has none", (self.kind, "0", name)
                )
        return self


class RegularNode(Looking):
    """At least `times` times in each of at least `in` of the last `of` rolling units."""

    kind: ClassVar[str] = "regular"
    what = "a regular node"

    regular: EventType
    where: Filters = ()
    times: Annotated[int, Field(ge=1, le=1_000_000)]
    in_: Annotated[int, Field(alias="in", ge=1, le=MAX_UNITS)]
    of: Annotated[int, Field(ge=1, le=MAX_UNITS)]
    unit: Unit

    @model_validator(mode="after")
    def _within_reach(self) -> Self:
        if self.in_ > self.of:
            raise InvalidValue("invalid_value", "should be at most `of`", ("in",))
        if self.of * self.length > MAX_DURATION:
            raise InvalidValue("invalid_value", "should reach back at most ten years", ("of",))
        return self

    @property
    def length(self) -> timedelta:
        """How long a unit is."""
        return UNITS[self.unit]


class StoppedNode(Looking):
    """Did it in the earlier window and not in the later."""

    kind: ClassVar[str] = "stopped"
    what = "a stopped node"

    stopped: EventType
    where: Filters = ()
    earlier: AnyWindow
    later: AnyWindow


class RestartedNode(Looking):
    """Did it in the earlier and the later window, and not in the middle."""

    kind: ClassVar[str] = "restarted"
    what = "a restarted node"

    restarted: EventType
    where: Filters = ()
    earlier: AnyWindow
    middle: AnyWindow
    later: AnyWindow
