"""Reading a request's body as text of a kind that is read here, never more of it than may be."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Literal

from starlette.requests import ClientDisconnect, Request

from schemas.errors import RequestError

Format = Literal["json", "yaml", "csv"]
_FORMATS: Mapping[str, Format] = {
    "": "json",
    "application/json": "json",
    "application/yaml": "yaml",
    "application/x-yaml": "yaml",
    "text/yaml": "yaml",
    "text/csv": "csv",
}


async def read_body(request: Request, formats: tuple[Format, ...], most: int) -> tuple[Format, bytes]:
    """The body and what it is. Raises RequestError: unsupported_media_type, payload_too_large, unreadable_body."""
    said = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    form = _FORMATS.get(said)
    if form not in formats:
        known = ", ".join(name for name, each in _FORMATS.items() if name and each in formats)
        raise RequestError("unsupported_media_type", f"The body's Content-Type should be one of {known}.")
    return form, await _collect(request.stream(), most)


async def _collect(chunks: AsyncIterator[bytes], most: int) -> bytes:
    body = bytearray()
    try:
        async for chunk in chunks:
            body += chunk
            if len(body) > most:
                raise RequestError("payload_too_large", f"This body may have {most} bytes.")
    except ClientDisconnect:
        raise RequestError("unreadable_body", "The body is cut off.") from None
    return bytes(body)
