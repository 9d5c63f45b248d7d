"""Errors as answers: every one is RFC 9457 problem+json, whoever raised it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import structlog
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from schemas.errors import CdpError, problem
from schemas.http.request_id import HEADER, request_id_of

MEDIA_TYPE = "application/problem+json"
_CODE_OF_STATUS = {
    400: "unreadable_body",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
}

log = structlog.get_logger(__name__)


def install(app: FastAPI) -> None:
    """Answer every exception with a problem."""
    app.add_exception_handler(CdpError, _on_cdp_error)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, fault_response)


def problem_response(
    request: Request,
    code: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[Mapping[str, Any]] = (),
    **members: object,
) -> Response:
    """Answer with the problem of this code; `members` are extensions."""
    request_id = request_id_of(request.scope)
    body = problem(code, detail=detail, instance=request.url.path, request_id=request_id, errors=errors, **members)
    more = {HEADER: request_id} if request_id else {}
    return Response(orjson.dumps(body), body["status"], {**(headers or {}), **more}, MEDIA_TYPE)


def error_response(request: Request, error: CdpError) -> Response:
    """Answer with what went wrong."""
    return problem_response(request, error.code, error.message, _headers(error), errors=_members(error))


def _on_cdp_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, CdpError)  # noqa: S101 -- the handler is registered for nothing else
    return error_response(request, error)


def _members(error: CdpError) -> list[dict[str, Any]]:
    """Everything that is wrong: an error may list its `refusals`; of others it is what the pointer names."""
    refusals: Sequence[Any] = getattr(error, "refusals", ())  # of definitions, which ingest need not import
    pointer = getattr(error, "pointer", None)
    alone = [] if pointer is None else [{"code": error.code, "pointer": pointer, "message": error.message}]
    return [each.member() for each in refusals] or alone


def _headers(error: CdpError) -> dict[str, str]:
    if error.code == "unauthorized":
        return {"WWW-Authenticate": 'Bearer realm="cdp", Basic realm="cdp", charset="UTF-8"'}
    if error.status in (429, 503):
        return {"Retry-After": str(getattr(error, "seconds", 1)), **getattr(error, "headers", {})}
    return {}


def _on_http_error(request: Request, error: Exception) -> Response:
    """Starlette's own: no such route, no such method."""
    assert isinstance(error, HTTPException)  # noqa: S101 -- the handler is registered for nothing else
    code = _CODE_OF_STATUS.get(error.status_code, "internal_error")
    return problem_response(request, code, str(error.detail), error.headers)


def fault_response(request: Request, error: Exception) -> Response:
    """Answer that something is wrong here; what it is goes to the log alone."""
    log.error("internal_error", request_id=request_id_of(request.scope), exc_info=error)
    return problem_response(request, "internal_error", "A fault of the platform; its log has the request_id.")
