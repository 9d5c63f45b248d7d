"""A whole definition: of a segment, or of a tag."""

from __future__ import annotations

from hashlib import blake2b
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    TypeAdapter,
    model_validator,
)

from schemas.definitions.comparing import Name
from schemas.definitions.facts import Key
from schemas.definitions.limits import MAX_NAME, MAX_TEXT, MAX_TIERS
from schemas.definitions.metrics import ordered_metric, single_metric
from schemas.definitions.model import Part
from schemas.definitions.nodes import Node
from schemas.definitions.refusals import Ref
from schemas.errors import InvalidValue

DefinitionKind = Literal["segment", "tag"]
Status = Literal["draft", "live", "archived"]
_Text = Annotated[str, StringConstraints(max_length=MAX_NAME)]


class Names(Part):
    """What people call it, in Chinese and in English."""

    what = "a name"

    zh: _Text | None = None
    en: _Text | None = None


def _name_kind(name: Any) -> str:
    return "<text>" if isinstance(name, str) else "<names>"


AnyName = Annotated[Annotated[_Text, Tag("<text>")] | Annotated[Names, Tag("<names>")], Discriminator(_name_kind)]


class Top(Part):
    """The n highest or lowest by a figure."""

    what = "a limit"

    top: Annotated[int, Field(ge=1, le=1_000_000_000)]
    by: Annotated[Name, AfterValidator(lambda path: ordered_metric(path).path)]
    order: Literal["desc", "asc"] = "desc"


class Random(Part):
    """Any n, the same until the segment changes; another salt draws others."""

    what = "a limit"

    random: Annotated[int, Field(ge=1, le=1_000_000_000)]
    salt: _Text = ""


def _limit_kind(limit: Any) -> str | None:
    known = {"top": "<top>", "random": "<random>"}
    return next((tag for key, tag in known.items() if key in limit), None) if isinstance(limit, dict) else None


AnyLimit = Annotated[Annotated[Top, Tag("<top>")] | Annotated[Random, Tag("<random>")], Discriminator(_limit_kind)]


class Tier(Part):
    """One value of a tag, and who has it."""

    what = "a tier"

    value: Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME)]
    name: AnyName | None = None
    where: Node


class TraitCopied(Part):
    """The trait whose value is the tag's."""

    what = "what a tag copies"

    trait: Name


def _copied_kind(copied: Any) -> str:
    return "<metric>" if isinstance(copied, str) else "<trait>"


AnyCopied = Annotated[
    Annotated[Name, AfterValidator(lambda path: single_metric(path).path), Tag("<metric>")]
    | Annotated[TraitCopied, Tag("<trait>")],
    Discriminator(_copied_kind),
]
"""The path of a figure of the dossier, or a trait."""


def _one_of(*ways: str) -> ConfigDict:
    """Tell the JSON Schema that exactly one of these says who is meant."""
    said: dict[str, Any] = {"static": {"const": True}, "manual": {"const": True}}
    there = {"not": {"type": "null"}}
    branches: list[Any] = [{"required": [way], "properties": {way: said.get(way, there)}} for way in ways]
    return ConfigDict(json_schema_extra={"oneOf": branches})


class Defined(Part):
    """What segments and tags have in common."""

    key: Key
    name: AnyName | None = None
    description: Annotated[str, StringConstraints(max_length=MAX_TEXT)] | None = None
    status: Status = "live"

    kind_: ClassVar[DefinitionKind]
    ways: ClassVar[tuple[str, ...]]
    """The fields that say who is meant; a definition has exactly one of them."""

    @model_validator(mode="after")
    def _says_who_in_one_way(self) -> Self:
        said = [way for way in self.ways if getattr(self, way) not in (None, False)]
        if not said:
            others = " or ".join(f"`{way}`" for way in self.ways[1:])
            raise InvalidValue(
                "missing_field", f"is missing: {self.what} says who is meant by it, or by {others}", ("where",)
            )
        if len(said) > 1:
            raise InvalidValue(
                "invalid_value", f"cannot stand beside `{said[0]}`: {self.what} has one or the other", (said[1],)
            )
        return self

    @property
    def ref(self) -> Ref:
        """Kind and key, by which others refer to it."""
        return self.kind_, self.key

    @property
    def content_hash(self) -> str:
        """The same for definitions that are the same, however they were written."""
        return blake2b(self.fingerprint, digest_size=16).hexdigest()


class SegmentDefinition(Defined):
    """Customers for whom `where` holds; with a limit, so many of them. Members of a static one are set by hand."""

    what = "a segment"
    kind_ = "segment"
    ways = ("where", "static")
    model_config = _one_of(*ways)

    kind: Literal["segment"] = "segment"
    where: Node | None = None
    static: bool = False
    limit: AnyLimit | None = None

    @model_validator(mode="after")
    def _limits_what_is_found(self) -> Self:
        if self.static and self.limit is not None:
            raise InvalidValue(
                "invalid_value", "cannot stand beside `static`: such members are set by hand", ("limit",)
            )
        return self


class TagDefinition(Defined):
    """True for whom `where` holds, the value of the first tier that holds, a copied figure, or what is set by hand.

    A copied figure is the tag's value as it is: a text, or a number. Who has no such figure does not have the tag.
    """

    what = "a tag"
    kind_ = "tag"
    ways = ("where", "tiers", "value_of", "manual")
    model_config = _one_of(*ways)

    kind: Literal["tag"] = "tag"
    where: Node | None = None
    tiers: Annotated[tuple[Tier, ...], Field(strict=False, min_length=1, max_length=MAX_TIERS)] | None = None
    value_of: AnyCopied | None = None
    manual: bool = False


Definition = SegmentDefinition | TagDefinition


def definition_schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of a definition. What it cannot say, which operator compares what, is checked."""
    schema = TypeAdapter(Definition).json_schema(mode="validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:cdp:definition:v1",
        "title": "Definition of a segment or a tag",
        **schema,
    }
