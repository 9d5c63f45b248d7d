"""The language of segments and tags as data: what a definition may say, read, checked and written in one spelling."""

from typing import Any

from schemas.definitions.checks import check_graph, cost, references
from schemas.definitions.definition import (
    Definition,
    DefinitionKind,
    SegmentDefinition,
    TagDefinition,
    Tier,
    TraitCopied,
    definition_schema,
)
from schemas.definitions.reading import parse, read_json, read_yaml
from schemas.definitions.refusals import InvalidDefinition, Ref, Refusal
from schemas.definitions.walking import Place, children, roots, walk

__all__ = [
    "Definition",
    "DefinitionKind",
    "InvalidDefinition",
    "Place",
    "Ref",
    "Refusal",
    "SegmentDefinition",
    "TagDefinition",
    "Tier",
    "TraitCopied",
    "canonical",
    "check_graph",
    "children",
    "content_hash",
    "cost",
    "definition_schema",
    "parse",
    "read_json",
    "read_yaml",
    "references",
    "roots",
    "walk",
]


def canonical(definition: Definition) -> dict[str, Any]:
    """The one way to write a definition: equal definitions give equal JSON, which reads as the same definition."""
    return definition.spelt()


def content_hash(definition: Definition) -> str:
    """The hash of the canonical form, 32 hexadecimal digits."""
    return definition.content_hash
