"""What all parts of a definition have in common: no field it does not know, one spelling, equality by that spelling."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import orjson
from pydantic import BaseModel, ConfigDict, model_validator

from schemas.definitions.durations import format_duration
from schemas.definitions.refusals import did_you_mean
from schemas.errors import InvalidValue
from schemas.money import canonical as spelt_amount
from schemas.times import format_time


class Part(BaseModel):
    """A part of a definition: frozen, and equal to what is spelt the same."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    what: ClassVar[str] = "a definition"
    """How sentences call it."""

    @model_validator(mode="before")
    @classmethod
    def _has_no_other_field(cls, sent: Any) -> Any:
        if isinstance(sent, dict):
            known = cls.names()
            for name in sent:
                if name not in known:
                    raise InvalidValue("unknown_field", cls.stranger(name, known), (name,))
        return sent

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The fields as they are written."""
        return tuple(field.alias or name for name, field in cls.model_fields.items())

    @classmethod
    def stranger(cls, name: str, known: tuple[str, ...]) -> str:
        """Say of a name that it is none of the fields."""
        return f"is no field of {cls.what}: it has {', '.join(known)}{did_you_mean(name, known)}"

    def spelt(self) -> dict[str, Any]:
        """The one way to write it as JSON: defaults written out, what is not there left out."""
        fields = type(self).model_fields.items()
        said = ((field.alias or name, getattr(self, name)) for name, field in fields)
        return {name: _spelt(value) for name, value in said if value is not None and value != ()}

    @property
    def fingerprint(self) -> bytes:
        """The same for the same meaning; unlike Python's own equality it tells true from 1."""
        return orjson.dumps(self.spelt(), option=orjson.OPT_SORT_KEYS)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)


def _spelt(value: Any) -> Any:
    if isinstance(value, Part):
        return value.spelt()
    if isinstance(value, tuple):
        return [_spelt(each) for each in value]
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, date):
        return value.isoformat()
    return spelt_amount(value) if isinstance(value, Decimal) else value
