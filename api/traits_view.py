"""What is known of a customer: traits, where each was said and what is odd about it, and what follows. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson

from api.figures import time
from api.provenance import parts, provenance
from projections.database import Row
from schemas.derived import derive, usable
from schemas.traits import check


def traits(row: Row) -> dict[str, Any]:
    """Per key the value that holds; a null took the trait away."""
    values = {key: orjson.loads(parts(stored)[1]) for key, stored in sorted(row["traits"].items())}
    return {key: value for key, value in values.items() if value is not None}


def trait_details(row: Row, values: Mapping[str, Any], region: str, today: date) -> dict[str, Any]:
    """Each of these traits with the event that said it, and its flags."""
    return {key: _detail(key, value, parts(row["traits"][key])[0], region, today) for key, value in values.items()}


def derived(details: Mapping[str, Any], today: date) -> dict[str, Any]:
    """What follows from those traits that are what they should be."""
    return derive({key: said["value"] for key, said in details.items() if usable(said["flags"])}, today)


def _detail(key: str, value: Any, pos: str, region: str, today: date) -> dict[str, Any]:
    where = provenance(pos)
    return {
        "value": value,
        "source": where.source,
        "occurred_at": time(where.occurred_at),
        "event_id": where.event_id,
        "flags": check(key, value, region, today),
    }
