"""Bodies about dead letters. Read here and not by the framework: numbers of a patch must stay as they were written."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request

from api.bodies import read_body
from api.parameters import from_micros, read_cursor
from api.replaying import Asked
from projections.dead_letters import OLDEST
from schemas.decoding import decode_event, is_deeper_than
from schemas.errors import Rejected, RequestError
from schemas.letter_filter import LetterFilter
from schemas.patching import MAX_OPERATIONS
from schemas.pointers import pointer

_MOST_BYTES = 256 * 1024
_MOST_DEPTH = 40
Model = TypeVar("Model", bound=BaseModel)


class ReplayBody(BaseModel):
    """What to replay, and how it is mended."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    filter: LetterFilter = Field(default_factory=LetterFilter, description="which letters; {} means all")
    patch: list[dict[str, Any]] | None = Field(
        None,
        max_length=MAX_OPERATIONS,
        description="JSON Patch (RFC 6902) for each event, paths relative to the event",
        examples=[[{"op": "replace", "path": "/data/currency", "value": "CNY"}]],
    )
    dry_run: bool = Field(default=False, description="only say what would pass")
    cursor: str | None = Field(None, description="next_cursor of the answer before: go on after its letters")


class PurgeBody(BaseModel):
    """Which letters are to go."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    older_than_days: Annotated[float, Field(ge=0, le=36_500)] | None = Field(
        None, description="older than so many days; without it, than the retention"
    )
    dry_run: bool = Field(default=False, description="only say how many there are")


class ResumeBody(BaseModel):
    """How long the breaker is to let everything through."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seconds: float = Field(0.0, ge=0, le=86_400, description="beside all up to now, what comes within so many seconds")


def documented(model: type[BaseModel]) -> dict[str, Any]:
    """For OpenAPI."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


async def read_replay(request: Request) -> Asked:
    """Read an order to replay. Raises RequestError."""
    said = await read_as(request, ReplayBody)
    after = OLDEST
    if said.cursor is not None:
        micros, letter_id = read_cursor(said.cursor, tuple[int, str])
        after = (from_micros(micros), letter_id)
    return Asked(said.filter, said.patch or [], said.dry_run, after)


async def read_as(request: Request, model: type[Model]) -> Model:
    """Read a body; none at all is an empty one. Raises RequestError `unreadable_body` or `bad_parameter`."""
    _, raw = await read_body(request, ("json",), _MOST_BYTES)
    try:
        said = decode_event(raw or b"{}")
        if is_deeper_than(_MOST_DEPTH, said, raw):
            raise RequestError("bad_parameter", f"The body is nested deeper than {_MOST_DEPTH} levels.", "")
        return model.model_validate(said)
    except Rejected as wrong:
        raise RequestError("unreadable_body", f"The body is no JSON object: {wrong.message}") from None
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False, include_context=False)[0]
        raise RequestError("bad_parameter", first["msg"], pointer(first["loc"])) from None
