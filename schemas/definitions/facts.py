"""Nodes about what is known of a customer: traits, figures, tags, segments, and chance."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field, PlainValidator, StringConstraints, WithJsonSchema, model_validator

from schemas.definitions.comparing import Comparing, Name, NodePart
from schemas.definitions.limits import MAX_NAME
from schemas.definitions.metrics import Metric, metric
from schemas.definitions.model import Part
from schemas.definitions.operators import AnyOperator, AnyValue, Typed
from schemas.definitions.values import read_number
from schemas.errors import InvalidValue

KEY_PATTERN = r"^[a-z0-9_]{1,64}$"
Key = Annotated[str, StringConstraints(pattern=KEY_PATTERN)]


def _metric_path(path: str) -> str:
    return metric(path).path


class TraitNode(Comparing):
    """A trait of the customer, by the name it is recorded under."""

    kind: ClassVar[str] = "trait"
    what = "a trait node"

    trait: Name
    op: AnyOperator
    value: AnyValue = Field(None, validate_default=True)

    @classmethod
    def typed_by(cls, said: dict[str, Any]) -> Typed | None:
        """Anything: whatever the channels sent."""
        return Typed("any") if "trait" in said else None


class MetricNode(Comparing):
    """A figure of the dossier."""

    kind: ClassVar[str] = "metric"
    what = "a metric node"

    metric: Annotated[Name, AfterValidator(_metric_path)]
    op: AnyOperator
    value: AnyValue = Field(None, validate_default=True)

    @classmethod
    def typed_by(cls, said: dict[str, Any]) -> Typed | None:
        """What the catalogue says."""
        return metric(said["metric"]).typed if "metric" in said else None

    @property
    def figure(self) -> Metric:
        """The catalogue's entry."""
        return metric(self.metric)


class TagNode(Comparing):
    """The customer has the tag, or has it with such a value; of a tag with one `where` the value is true."""

    kind: ClassVar[str] = "tag"
    what = "a tag node"

    tag: Key
    op: AnyOperator = "exists"
    value: AnyValue = Field(None, validate_default=True)

    @model_validator(mode="before")
    @classmethod
    def _a_value_alone_is_equalled(cls, sent: Any) -> Any:
        if not isinstance(sent, dict) or sent.get("op") is not None:
            return sent
        return {**sent, "op": "exists" if sent.get("value") is None else "eq"}

    @classmethod
    def typed_by(cls, said: dict[str, Any]) -> Typed | None:
        """Text, or true."""
        return Typed("label") if "tag" in said else None


class SegmentNode(NodePart):
    """The customer is in the segment."""

    kind: ClassVar[str] = "segment"
    what = "a segment node"

    segment: Key


def _percent(raw: object) -> int | float:
    percent = read_number(raw)
    if not 0 < percent <= 100 or round(percent, 4) != percent:
        raise InvalidValue("invalid_value", "should be more than 0 and at most 100, with at most 4 decimals")
    return percent


class Share(Part):
    """A share of all customers, the same at any time; another salt draws another one."""

    what = "a sample"

    percent: Annotated[
        int | float,
        PlainValidator(_percent),
        WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": 100}),
    ]
    salt: Annotated[str, StringConstraints(max_length=MAX_NAME)] = ""


class SampleNode(NodePart):
    """The customer is in a stable share of all."""

    kind: ClassVar[str] = "sample"
    what = "a sample node"

    sample: Share
