"""A source's contract, as its file and the control topic have it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints, model_validator

from schemas.definitions.durations import Span, format_duration
from schemas.errors import InvalidValue
from schemas.event_types import TypePattern
from schemas.identifiers import IDENTIFIER_TYPES

Mode = Literal["block", "quarantine", "count"]
Kind = Literal["string", "integer", "number", "decimal", "boolean", "object", "list"]
Step = r"[A-Za-z0-9_$-]{1,64}"
FIELD_PATTERN = rf"^(channel|store|batch|ids\.({'|'.join(IDENTIFIER_TYPES)})|(data|context)(\.{Step}){{1,8}})$"

FieldPath = Annotated[
    str,
    StringConstraints(pattern=FIELD_PATTERN, max_length=300),
    Field(description="data.…, context.…, ids.<type>, channel, store, batch; of a list each element is meant"),
]
Scalar = str | bool | int | float
Duration = Annotated[Span, PlainSerializer(format_duration, return_type=str)]


class FieldRule(BaseModel):
    """What a field holds, where it is there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Kind | None = Field(None, description="decimal: a number, or a string that is one, as amounts are")
    enum: list[Scalar] | None = Field(None, min_length=1, max_length=1000, description="the values it may have")


class EventRule(BaseModel):
    """What events of a type hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    required: list[FieldPath] = Field(default_factory=list, max_length=100, description="fields that must be there")
    fields: dict[FieldPath, FieldRule] = Field(default_factory=dict, max_length=200)
    mode: Mode | None = Field(None, description="what becomes of events that break this; null: as the contract says")


class ExpectedRate(BaseModel):
    """How much should come."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    least: int | None = Field(None, ge=0, description="fewer events than that are too few")
    most: int | None = Field(None, ge=0, description="more events than that are too many")
    within: Duration = Field(timedelta(hours=1), validate_default=False, description="in so much time")

    @model_validator(mode="after")
    def _in_order(self) -> ExpectedRate:
        if self.least is not None and self.most is not None and self.least > self.most:
            raise InvalidValue("invalid_value", "least should not be more than most")
        return self


class Contract(BaseModel):
    """What a source promises. Of what it says nothing about, nothing is asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = Field(max_length=64, description="whose contract it is")
    description: str = Field("", max_length=1000)
    mode: Mode = Field(
        "quarantine",
        description="what becomes of events that break it. block: refused where they come in, with the reason; "
        "quarantine: taken, then set aside as dead letters that can be replayed; count: taken and counted",
    )
    types: list[TypePattern] = Field(
        default_factory=list, max_length=200, description="event types it sends, or order.*; none: any"
    )
    events: dict[TypePattern, EventRule] = Field(
        default_factory=dict, max_length=200, description="by event type, or order.*; all that name a type hold of it"
    )
    expected: ExpectedRate | None = None
    silence_after: Duration | None = Field(None, description="it is silent when nothing came for so long")

    def written(self) -> dict[str, Any]:
        """As JSON, without what is as it is by default."""
        return self.model_dump(mode="json", exclude_defaults=True) | {"source": self.source}


def contract_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a contract's file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:cdp:contract:v1",
        **Contract.model_json_schema(),
    }
