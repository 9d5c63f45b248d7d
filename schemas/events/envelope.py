"""What all events have in common. Unknown fields are kept inside data and context, and refused outside."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from schemas.events.fields import AnyObject, EventId, Label, Time
from schemas.identifiers import IDENTIFIER_TYPES

_VALUE = {"type": ["string", "integer", "null"], "maxLength": 200}
_IDS = {
    "type": ["object", "null"],
    "additionalProperties": False,
    "description": "type of identifier to value, or to a list of values",
    "properties": {name: {"anyOf": [_VALUE, {"type": "array", "items": _VALUE}]} for name in IDENTIFIER_TYPES},
}

IdsAsSent = Annotated[Any, WithJsonSchema(_IDS)]
"""Read by `normalise_ids`, which knows the source and the region; here they are only described."""


class Data(BaseModel):
    """The part of an event that depends on its type. Fields it does not know are kept as sent."""

    model_config = ConfigDict(frozen=True, strict=True, extra="allow")


class Envelope(BaseModel):
    """An event around its data."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    least_ids: ClassVar[int] = 1
    """How many identifiers it takes: 0 where another event of the same thing may say whose it is."""
    thing: ClassVar[Literal["order", "ticket", "message", ""]] = ""
    """What the event is about, beside its customer; data has its {thing}_id."""

    event_id: EventId
    type: str
    occurred_at: Time
    time_derived: bool | None = Field(
        None, description="occurred_at was worked out from when the event was sent or received: it is no content then"
    )
    ids: IdsAsSent = None
    channel: Label | None = None
    store: Label | None = Field(None, description="a path from the whole to the part: mall-1/brand-a/store-7")
    data: Data
    context: AnyObject | None = None
    batch: Label | None = None
