"""An event's data written back as JSON, in the one spelling that is stored, hashed and compared."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from schemas.events.envelope import Data
from schemas.money import canonical
from schemas.numbers import Json, plain
from schemas.times import Moment, format_time


def written(data: Data) -> dict[str, Any]:
    """Write the fields that were sent: amounts as decimal strings, times in UTC, the rest as it came.

    By hand, since `model_dump` with serializers takes twice as long, and every event pays for it.
    """
    sent = data.__pydantic_fields_set__
    known = {name: _spelt(value) for name, value in data.__dict__.items() if name in sent}
    extra = data.__pydantic_extra__
    return {**known, **plain(extra)} if extra else known


def _spelt(value: Json) -> Json:
    kind = type(value)
    if kind is str or value is None:
        return value
    if kind is Decimal:
        return canonical(value)
    if kind is list:
        return [_spelt(part) for part in value]
    if kind is Moment:
        return format_time(value.utc)
    return written(value) if isinstance(value, Data) else plain(value)
