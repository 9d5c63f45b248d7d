"""What POST /v1/events answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from ingest.admission import Refused
from ingest.receipt import Receipt
from schemas.http.description import Problem
from schemas.http.problems import problem_response
from schemas.positions import encode


class RefusedEvent(BaseModel):
    """One event that was not let in."""

    index: int = Field(description="its place among the request's events, from 0; blank lines do not count")
    event_id: str | None = Field(description="null where it could not be read")
    code: str
    pointer: str = Field(description="JSON pointer into the event; a missing field's names that field")
    message: str


class Accepted(BaseModel):
    """At least one event is in the log; refused ones are in the dead letters."""

    accepted: int
    rejected: int
    errors: list[RefusedEvent]
    position: str = Field(description="opaque; give it to a query as ?after= to wait for these events")


class AllRejected(Problem):
    """No event was let in; all are in the dead letters."""

    accepted: int
    rejected: int
    errors: list[RefusedEvent]  # type: ignore[assignment]
    position: str


def answer(request: Request, receipt: Receipt, headers: Mapping[str, str]) -> Response:
    """Say what became of the events: 202, or 422 when none was let in."""
    errors = [_refused(each) for each in receipt.refused]
    counts: dict[str, Any] = {
        "accepted": receipt.accepted,
        "rejected": len(errors),
        "position": encode(receipt.position),
    }
    if receipt.accepted:
        return Response(orjson.dumps({**counts, "errors": errors}), 202, headers, "application/json")
    detail = f"None of {len(errors)} events was accepted; errors says why of each."
    return problem_response(request, "all_rejected", detail, headers, errors, **counts)


def _refused(refused: Refused) -> dict[str, Any]:
    why = refused.why
    return {
        "index": refused.index,
        "event_id": why.event_id,
        "code": why.code,
        "pointer": why.pointer,
        "message": why.message,
    }
