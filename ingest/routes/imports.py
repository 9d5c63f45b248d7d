"""POST /v1/imports: a file and its mapping; the answer says what became of each row."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from ingest.keys import KeyRing
from ingest.refusals import RetryLater
from ingest.uploads import MAX_REJECTS_TOLD, Report, Uploads, safe_name
from schemas.errors import RequestError
from schemas.http.description import problem_answers
from schemas.mapping import Mapping, read_mapping
from schemas.mapping.reading import InvalidMapping

_MAPPING_BYTES = 256 * 1024
_PARTS = {
    "type": "object",
    "required": ["mapping", "file"],
    "properties": {
        "mapping": {"type": "string", "description": "how rows become events: YAML or JSON, as for `cdp import`"},
        "file": {"type": "string", "format": "binary", "description": "CSV, Excel (.xlsx) or Parquet, with its name"},
    },
}
_DESCRIBED: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _PARTS}}},
    "security": [{"bearer": []}, {"basic": []}],
}


class RejectedRow(BaseModel):
    """One row of which something was refused."""

    row: int = Field(description="as a spreadsheet numbers it")
    code: str
    pointer: str = Field(description="JSON pointer into the event the row would have been")
    column: str = Field(description="the column that comes from; empty for none")
    message: str


class Imported(BaseModel):
    """What became of a file's rows; all of it is in the log."""

    rows: int
    imported: int
    skipped: int = Field(description="rows the mapping passes over")
    rejected: int = Field(description="rows of which something was refused")
    accepted: int = Field(description="events")
    refused: int = Field(description="events that are dead letters now")
    rejects: list[RejectedRow] = Field(description=f"the first {MAX_REJECTS_TOLD}")
    position: str = Field(description="opaque; give it to a query as ?after= to wait for these events")


_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": Imported, "description": "Every row is dealt with: Kafka has acknowledged all of it."},
    **problem_answers(
        "unreadable_body", "unreadable_file", "unauthorized", "forbidden", "payload_too_large", "rate_limited",
        "buffer_full", "internal_error", "kafka_unavailable", "disk_nearly_full",
    ),
    **problem_answers("invalid_value"),
}  # fmt: skip


def imports_routes(keys: KeyRing, uploads: Uploads, most_bytes: int) -> APIRouter:
    """Build the route that takes files of at most so many bytes."""
    router = APIRouter(tags=["imports"])

    @router.post("/v1/imports", response_model=Imported, responses=_ANSWERS, openapi_extra=_DESCRIBED)
    async def post_import(request: Request) -> Imported:
        """Upload a file and its mapping; the answer comes when every row is dealt with.

        The same file sent again changes nothing: send again what was not answered, or with 429, 500 or 503.
        """
        key = keys.find(request.headers.get("authorization"))
        key.require_origin(request.headers.get("origin"))
        uploads.intake.require(key)
        if uploads.places.locked():
            raise RetryLater("buffer_full", "Other files are being imported; send this one again later.", 10)
        async with uploads.places:
            with TemporaryDirectory(prefix="cdp-upload-") as folder:
                file, mapping = await _received(request, Path(folder), most_bytes)
                return _said(await uploads.take(key, file, mapping))

    return router


async def _received(request: Request, folder: Path, most_bytes: int) -> tuple[Path, Mapping]:
    """The file in a folder, under its name, and the mapping."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise RequestError("unreadable_body", "Send multipart/form-data with the parts `mapping` and `file`.")
    limited = _limited(request, most_bytes)
    try:
        parser = MultiPartParser(request.headers, limited, max_files=2, max_fields=1, max_part_size=_MAPPING_BYTES)
        form = await parser.parse()
    except MultiPartException as error:
        raise RequestError("unreadable_body", f"The multipart body cannot be read: {error.message}") from None
    except ClientDisconnect:
        raise RequestError("unreadable_body", "The connection closed before the body was complete.") from None
    try:
        file, said = form.get("file"), form.get("mapping")
        if not isinstance(file, UploadFile) or said is None:
            raise RequestError("unreadable_body", "The parts are `mapping` (YAML) and `file` (with a file name).")
        text = await said.read(_MAPPING_BYTES) if isinstance(said, UploadFile) else said
        path = folder / safe_name(file.filename)
        await asyncio.to_thread(_copy, file, path)
        return path, _mapping(text)
    finally:
        await form.close()


async def _limited(request: Request, most_bytes: int) -> AsyncGenerator[bytes, None]:
    """The body, as long as it is not too large."""
    received = 0
    async for piece in request.stream():
        received += len(piece)
        if received > most_bytes:
            raise RequestError(
                "payload_too_large", f"An upload may have {most_bytes >> 20} MiB; cdp import has no limit."
            )
        yield piece


def _copy(file: UploadFile, path: Path) -> None:
    with path.open("wb") as kept:
        shutil.copyfileobj(file.file, kept)


def _mapping(text: bytes | str) -> Mapping:
    try:
        return read_mapping(text)
    except InvalidMapping as refused:
        where, why = refused.reasons[0]
        raise RequestError("invalid_value", f"The mapping: {why}", where) from None


def _said(report: Report) -> Imported:
    rejects = [
        RejectedRow(
            row=each.row, code=each.why.code, pointer=each.why.pointer, column=each.column, message=each.why.message
        )
        for each in report.rejects
    ]
    return Imported(
        rows=report.rows,
        imported=report.rows - report.skipped - report.rejected,
        skipped=report.skipped,
        rejected=report.rejected,
        accepted=report.accepted,
        refused=report.refused,
        rejects=rejects,
        position=report.position,
    )
