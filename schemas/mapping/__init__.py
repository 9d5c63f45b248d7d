"""Mappings: how the rows of a file become native events. Written as YAML, read by `read_mapping`."""

from schemas.mapping.model import Condition, EventMapping, Field, Mapping
from schemas.mapping.reading import InvalidMapping, mapping_schema, parse_mapping, read_mapping

__all__ = [
    "Condition",
    "EventMapping",
    "Field",
    "InvalidMapping",
    "Mapping",
    "mapping_schema",
    "parse_mapping",
    "read_mapping",
]
