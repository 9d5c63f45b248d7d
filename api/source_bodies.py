"""Bodies about sources, and how they are read."""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails
from starlette.requests import Request

from api.bodies import read_body
from schemas.contracts.model import Contract
from schemas.definitions.decoding import decode_json, decode_yaml
from schemas.definitions.refusals import InvalidDefinition
from schemas.errors import InvalidValue, RequestError
from schemas.pointers import pointer

_MOST_BYTES = 128 * 1024


class RotateBody(BaseModel):
    """How long the old key is taken beside the new one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    overlap_seconds: int = Field(86_400, ge=0, le=90 * 86_400, description="until the old key expires; 0: at once")

    @property
    def overlap(self) -> timedelta:
        """As a span of time."""
        return timedelta(seconds=self.overlap_seconds)


async def read_contract(request: Request, source: str) -> Contract:
    """Read a contract, as JSON or YAML. Raises RequestError, `invalid_contract` with the pointer of what is wrong."""
    form, raw = await read_body(request, ("json", "yaml"), _MOST_BYTES)
    try:
        said = (decode_yaml if form == "yaml" else decode_json)(raw)
    except InvalidDefinition as wrong:
        raise RequestError("unreadable_body", f"The body cannot be read: {wrong.message}") from None
    if not isinstance(said, dict):
        raise RequestError("invalid_contract", "A contract is an object.", "")
    if said.get("source", source) != source:
        raise RequestError("invalid_contract", "source should be the one in the address.", "/source")
    return contract_of({**said, "source": source})


def contract_of(said: object) -> Contract:
    """Check a contract. Raises RequestError `invalid_contract`."""
    try:
        return Contract.model_validate(said)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        where = pointer(tuple(step for step in first["loc"] if step != "[key]"))
        raise RequestError("invalid_contract", f"{_sentence(first)}.", where) from None


def _sentence(wrong: ErrorDetails) -> str:
    """Only names of fields have a pattern, and it says little to people."""
    if wrong["type"] == "string_pattern_mismatch":
        return "fields are named data.…, context.…, ids.<type>, channel, store or batch"
    cause = wrong.get("ctx", {}).get("error")
    return cause.message if isinstance(cause, InvalidValue) else wrong["msg"]
