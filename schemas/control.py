"""What operators say to the platform through the control topic: one version of one thing, by whom."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.errors import InvalidValue
from schemas.identity import IdentityRules

ControlKind = Literal["identity_rules"]


class Control(BaseModel):
    """One record of the control topic. Its version is its offset there plus one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ControlKind
    key: str = Field("", max_length=200, description="which of this kind; '' where there is one only")
    value: dict[str, Any] = Field(description="the whole of it, as JSON")
    author: str = Field("", max_length=200, description="the name of the API key that said it")


def read_control(raw: bytes) -> Control:
    """Read a record, its value by its kind. Raises InvalidValue."""
    try:
        control = Control.model_validate_json(raw)
        IdentityRules.model_validate(control.value)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False, include_context=False)[0]
        where = "/".join(map(str, first["loc"]))
        raise InvalidValue("invalid_value", f"{where}: {first['msg']}") from None
    return control
