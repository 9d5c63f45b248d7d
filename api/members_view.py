"""Members and changes of membership as the API shows them. Pure."""

from __future__ import annotations

from typing import Any

import orjson

from api.dossier import identifier
from api.figures import time
from api.found import Described
from projections.database import Row
from schemas.definitions import Definition, DefinitionKind
from schemas.definitions.metrics import metric
from schemas.times import format_time


def member(each: Described, kind: DefinitionKind, *, with_fields: bool) -> dict[str, Any]:
    """One member; `since` is null where the past was asked about."""
    return {
        "person_id": each.found.person_id,
        "since": time(each.found.since),
        **({"value": each.found.value} if kind == "tag" else {}),
        "identifiers": [identifier(one) for one in each.identifiers],
        **({"fields": dict(each.fields)} if with_fields else {}),
    }


def wanted_value(definition: Definition, said: str) -> Any:
    """The value a query names, as it is held: a tag with one condition says true, one that copies a number numbers."""
    if definition.kind == "segment" or definition.where is not None:
        return said == "true"
    if isinstance(definition.value_of, str) and metric(definition.value_of).typed.kind == "number":
        return _number(said)
    return said


def _number(said: str) -> Any:
    try:
        return orjson.loads(said)
    except orjson.JSONDecodeError:
        return said


def change(row: Row) -> dict[str, Any]:
    """One change, as the changes topic says it."""
    return {
        "change_id": row["change_id"],
        "person_id": row["person_id"],
        "kind": row["kind"],
        "key": row["key"],
        "from": orjson.loads(row["before"]),
        "to": orjson.loads(row["after"]),
        "at": format_time(row["at"]),
        "cause": row["cause"],
        "cause_ref": row["cause_ref"] or None,
        "definition_version": row["definition_version"],
    }
