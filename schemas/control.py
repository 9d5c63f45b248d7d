"""What operators say to the platform through the control topic: one version of one thing, by whom."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from schemas.contracts.model import Contract
from schemas.definitions import DefinitionKind, InvalidDefinition, parse
from schemas.errors import InvalidValue
from schemas.identity import IdentityRules
from schemas.sources import SOURCE_NAME
from schemas.write_keys import WriteKeyVersion, read_control_key

ControlKind = Literal[
    "identity_rules", "segment", "tag", "assignments", "replay", "purge", "breaker", "write_key", "contract"
]
MOST_ENTRIES = 1_000
_REF = r"^(segment|tag):[a-z0-9_]{1,64}$"


class Control(BaseModel):
    """One record of the control topic. Its version is its offset there plus one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ControlKind
    key: str = Field("", max_length=200, description="which of this kind; '' where there is one only")
    value: dict[str, Any] = Field(description='the whole of it, as JSON; {"deleted": true} takes it away')
    author: str = Field("", max_length=200, description="the name of the API key that said it")
    expects: int | None = Field(None, description="only if this version is in force: 0 built in, -1 none")


class Assignment(BaseModel):
    """What somebody is given by hand."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1, max_length=500, description="an identifier's address")
    value: str | bool | None = Field(description="true for a segment, a tag's value; null takes it away")
    until: AwareDatetime | None = Field(None, description="holds before that time only")


class Assignments(BaseModel):
    """Members of a static segment, or values of a manual tag."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    entries: list[Assignment] = Field(min_length=1, max_length=MOST_ENTRIES)


class Replay(BaseModel):
    """One replay of dead letters: said when it begins, and again with its figures when it has ended."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: Literal["begun", "done"]
    filter: dict[str, Any]
    patch: list[dict[str, Any]] = Field(default_factory=list)
    matched: int = 0
    replayed: int = 0
    failed: int = 0
    position: str = ""


class Purge(BaseModel):
    """Dead letters that were received before a time are to go."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    before: AwareDatetime
    purged: int = Field(ge=0, description="how many there were when it was said")


class Resume(BaseModel):
    """What was appended up to now, and for so many seconds more, goes past the breaker."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seconds: float = Field(0.0, ge=0, le=86_400)


DELETED = {"deleted": True}


def _definition(control: Control) -> None:
    if control.value != DELETED:
        kind: DefinitionKind = "segment" if control.kind == "segment" else "tag"
        parse(control.value, kind, control.key)


def _assignments(control: Control) -> None:
    Assignments.model_validate(control.value)
    if not re.match(_REF, control.key):
        raise InvalidValue("invalid_value", "key: should be segment:… or tag:…")


def _write_key(control: Control) -> None:
    _, key_id = read_control_key(control.key)
    if WriteKeyVersion.model_validate(control.value).key_id != key_id:
        raise InvalidValue("invalid_value", "key: should end with the first 16 digits of digest")


def _contract(control: Control) -> None:
    if not SOURCE_NAME.match(control.key):
        raise InvalidValue("invalid_value", "key: should be the name of a source")
    if control.value != DELETED and Contract.model_validate(control.value).source != control.key:
        raise InvalidValue("invalid_value", "source: should be the key")


_READERS: Mapping[ControlKind, Callable[[Control], object]] = {
    "identity_rules": lambda control: IdentityRules.model_validate(control.value),
    "segment": _definition,
    "tag": _definition,
    "assignments": _assignments,
    "replay": lambda control: Replay.model_validate(control.value),
    "purge": lambda control: Purge.model_validate(control.value),
    "breaker": lambda control: Resume.model_validate(control.value),
    "write_key": _write_key,
    "contract": _contract,
}


def read_control(raw: bytes) -> Control:
    """Read a record, its value by its kind. Raises InvalidValue."""
    try:
        control = Control.model_validate_json(raw)
        _READERS[control.kind](control)
    except InvalidDefinition as wrong:
        raise InvalidValue("invalid_value", f"{wrong.pointer}: {wrong.message}") from None
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False, include_context=False)[0]
        where = "/".join(map(str, first["loc"]))
        raise InvalidValue("invalid_value", f"{where}: {first['msg']}") from None
    return control
