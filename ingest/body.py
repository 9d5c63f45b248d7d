"""Reading a request's body: never more than the limit in memory, whatever is declared or inflated."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request

from schemas.errors import RequestError

MAX_BODY_BYTES = 4 * 2**20
_GZIP = 16 + zlib.MAX_WBITS
_GZIP_MAGIC = b"\x1f\x8b"
_MOST_MEMBERS = 256
"""What follows a member is copied: thousands of empty ones would cost minutes."""
_IN_A_THREAD = 64 * 1024


async def read_body(request: Request, limit: int = MAX_BODY_BYTES, *, by_magic: bool = False) -> bytes:
    """Read and inflate the body; `by_magic` also inflates what looks like gzip without saying so.

    Raises RequestError: payload_too_large, unsupported_encoding, unreadable_body.
    """
    gzipped = _is_gzipped(request.headers.get("content-encoding", ""))
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    body = await _collect(request.stream(), limit)
    if not gzipped and not (by_magic and body.startswith(_GZIP_MAGIC)):
        return body
    return await asyncio.to_thread(inflate, body, limit) if len(body) > _IN_A_THREAD else inflate(body, limit)


def inflate(body: bytes, limit: int) -> bytes:
    """Inflate gzip of one or more members, stopping at the limit. Raises RequestError."""
    inflated = bytearray()
    for _ in range(_MOST_MEMBERS):
        member = zlib.decompressobj(wbits=_GZIP)
        try:
            inflated += member.decompress(body, limit + 1 - len(inflated))
        except zlib.error:
            raise RequestError("unreadable_body", "The body is not gzip.") from None
        if len(inflated) > limit:
            raise _too_large(limit)
        if not member.eof:
            raise RequestError("unreadable_body", "The gzip body is cut off.")
        body = member.unused_data
        if not body:
            return bytes(inflated)
    raise RequestError("unreadable_body", "The gzip body has too many members.")


async def _collect(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    body = bytearray()
    try:
        async for chunk in chunks:
            body += chunk
            if len(body) > limit:
                raise _too_large(limit)
    except ClientDisconnect:
        raise RequestError("unreadable_body", "The connection closed before the body was complete.") from None
    return bytes(body)


def _is_gzipped(encoding: str) -> bool:
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return False
    if name == "gzip":
        return True
    raise RequestError("unsupported_encoding", "Content-Encoding may be gzip or identity.")


def _too_large(limit: int) -> RequestError:
    return RequestError("payload_too_large", f"One request may have {limit} bytes, after inflation too.")
