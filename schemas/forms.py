"""Forms: which fields of a post become which native event. One YAML or JSON file a form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

import yaml
from pydantic import BaseModel, Field, JsonValue, StringConstraints, ValidationError, model_validator

from schemas.errors import CdpError
from schemas.identifiers import PRIORITY
from schemas.sources import SOURCE_PATTERN

FormEvent = Literal["feedback.rated", "feedback.reviewed", "survey.answered", "ticket.opened", "customer.identified"]
FieldName = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Place = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){0,3}$", max_length=200)]
Origin = Annotated[str, StringConstraints(pattern=r"^https?://[a-z0-9.-]+(:[0-9]{1,5})?$")]
Key = Annotated[str, StringConstraints(pattern=SOURCE_PATTERN, max_length=64)]
_SUFFIXES = {".yaml", ".yml", ".json"}


class UnusableForm(CdpError):
    """A form's file cannot be used."""


class FormDefinition(BaseModel, frozen=True, extra="forbid"):
    """One form."""

    key: Key = Field(description="its name in the address: /v1/forms/KEY")
    source: Key = Field(description="the source its events are of")
    type: FormEvent = Field(description="what a post becomes")
    ids: dict[str, FieldName] = Field(default_factory=dict, description="type of identifier → field")
    data: dict[Place, FieldName] = Field(
        default_factory=dict, description="place in data, such as text or about.order_id → field"
    )
    constants: dict[Place, JsonValue] = Field(default_factory=dict, description="place in data → value")
    rest: Place | None = Field(default=None, description="place in data for all fields that are not named here")
    required: list[FieldName] = Field(default_factory=list, description="fields without which a post is answered 422")
    honeypot: FieldName | None = Field(default=None, description="a field no person sees: who fills it in is a robot")
    origins: list[Origin] = Field(default_factory=list, description="pages' hosts that may post; none: any")
    redirect: Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=2000)] | None = Field(
        default=None, description="where a browser goes after a post"
    )

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        unknown = sorted(self.ids.keys() - PRIORITY.keys())
        if unknown:
            message = f"ids: there is no identifier {unknown[0]}; there are {', '.join(PRIORITY)}"
            raise ValueError(message)
        twice = sorted(self.data.keys() & self.constants.keys())
        if twice:
            message = f"{twice[0]} stands in data and in constants"
            raise ValueError(message)
        return self

    @property
    def named(self) -> set[str]:
        """The fields that have a place of their own, or none."""
        return {*self.ids.values(), *self.data.values(), *([self.honeypot] if self.honeypot else [])}


def read_forms(folder: Path) -> dict[str, FormDefinition]:
    """The forms of a folder by their key; none where there is no folder. Raises UnusableForm with the file's name."""
    forms: dict[str, FormDefinition] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.suffix in _SUFFIXES:
            form = _read(path)
            if form.key in forms:
                raise UnusableForm(f"{path}: another file has a form {form.key} already.")
            forms[form.key] = form
    return forms


def form_schema() -> dict[str, Any]:
    """The JSON Schema of a form's file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:cdp:form",
        **FormDefinition.model_json_schema(),
    }


def event_types() -> tuple[str, ...]:
    """What a form may become."""
    return get_args(FormEvent)


def _read(path: Path) -> FormDefinition:
    try:
        return FormDefinition.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except ValidationError as error:
        raise UnusableForm(f"{path}: {'; '.join(_faults(error))}.") from None
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise UnusableForm(f"{path} cannot be read as YAML or JSON: {type(error).__name__}.") from None


def _faults(error: ValidationError) -> Iterator[str]:
    for each in error.errors(include_input=False, include_url=False):
        place = ".".join(map(str, each["loc"]))
        yield f"{place or 'the form'}: {each['msg'].removeprefix('Value error, ')}"
