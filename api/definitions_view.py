"""Definitions and their versions as the API shows them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.figures import time
from api.preconditions import etag
from projections.controls import Said
from projections.library import Entry
from projections.memberships import Building
from schemas.control import DELETED
from schemas.definitions import canonical
from schemas.times import format_time


def shown(entry: Entry, count: int | None = None, building: Building | None = None) -> dict[str, Any]:
    """One definition in force; `count` is null for one that is not live."""
    definition = entry.definition
    return {
        "key": definition.key,
        "kind": definition.kind,
        "name": named(definition.name),
        "description": definition.description,
        "status": definition.status,
        "version": entry.version,
        "etag": etag(entry),
        "author": entry.author,
        "since": time(entry.since),
        "definition": canonical(definition),
        "building": {"version": building.version, "share": building.share} if building else None,
        "count": count if definition.status == "live" else None,
    }


def named(name: object) -> Any:
    """A name in one language, or {zh, en}; null without one."""
    return name.spelt() if hasattr(name, "spelt") else name


def version(said: Said) -> dict[str, Any]:
    """One version that was said; `definition` is null where it takes the definition away."""
    value: Mapping[str, Any] = said.control.value
    return {
        "version": said.version,
        "author": said.control.author,
        "received_at": format_time(said.received_at),
        "definition": None if value == DELETED else dict(value),
        "rejected": said.rejected or None,
    }
