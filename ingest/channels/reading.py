"""What channels share in reading bodies: JSON whatever its Content-Type, items as the very bytes that were sent."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Raw

from ingest.items import BYTE_ORDER_MARK, cut_alike, unreadable, without_half_pairs
from schemas.decoding import decode_event, is_deeper_than
from schemas.door import MAX_DEPTH, MAX_EVENT_BYTES
from schemas.errors import Rejected, RequestError

_OBJECT = msgspec.json.Decoder(dict[str, Raw])
_LIST = msgspec.json.Decoder(list[Raw])
_ANY = msgspec.json.Decoder(Raw)
_TEXT = msgspec.json.Decoder(str)
_FAULTS = (msgspec.MsgspecError, ValueError, RecursionError)
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


@dataclass(frozen=True, slots=True)
class Envelope:
    """An object around a list of items."""

    members: dict[str, bytes]
    """What else it has, as JSON."""
    items: list[bytes]

    def text(self, name: str) -> str | None:
        """A member that is a string; None for anything else."""
        return text_of(self.members.get(name)).decode() or None

    def object(self, name: str) -> dict[str, Any]:
        """A member that is an object, {} for anything else. Raises RequestError: it holds for each item."""
        written = self.members.get(name, b"")
        if not written.startswith(b"{"):
            return {}
        try:
            return read_item(written)
        except Rejected as refused:
            message = f"The {name} around the list cannot be taken: {refused.message}"
            raise RequestError("unreadable_body", message, f"/{name}") from None


def envelope(body: bytes, member: str) -> Envelope:
    """Read an object whose `member` is a list.

    Raises RequestError `unreadable_body`. Halves of surrogate pairs, which JavaScript writes, spoil one item only.
    """
    body = _text(body)
    try:
        members, items = _parts(body, member)
        return Envelope(members, [bytes(item) for item in items])
    except _FAULTS as fault:
        mended = without_half_pairs(body)
        if mended == body:
            raise unreadable(fault) from None
    try:
        members, items = _parts(mended, member)
        return Envelope(members, cut_alike(body, mended, items))
    except _FAULTS as fault:
        raise unreadable(fault) from None


def one_value(body: bytes) -> bytes:
    """Read one JSON text, whatever it is. Raises RequestError `unreadable_body`."""
    body = _text(body)
    try:
        _ANY.decode(without_half_pairs(body))
    except _FAULTS as fault:
        raise unreadable(fault) from None
    return body


def read_item(raw: bytes) -> dict[str, Any]:
    """Decode one object, within the limits that native events have. Raises Rejected."""
    if len(raw) > MAX_EVENT_BYTES:
        raise Rejected("too_large", "", f"It has {len(raw)} bytes; one may have {MAX_EVENT_BYTES}.")
    item = decode_event(raw)
    if is_deeper_than(MAX_DEPTH, item, raw):
        raise Rejected("too_deep", "", f"It is nested deeper than {MAX_DEPTH} levels.")
    return item


def member_text(body: bytes, name: str) -> bytes:
    """A member of the body's object that is a string, b'' if there is none. Raises RequestError `unreadable_body`."""
    try:
        return text_of(_OBJECT.decode(without_half_pairs(one_value(body))).get(name))
    except msgspec.ValidationError:
        return b""


def text_of(value: Raw | bytes | None) -> bytes:
    """A JSON string's text; b'' for anything else."""
    try:
        return _TEXT.decode(value).encode() if value else b""
    except _FAULTS:
        return b""


def from_base64(text: str) -> bytes:
    """Read base64 or base64url, padded or not; b'' for anything else."""
    plain = text.strip().replace("-", "+").replace("_", "/").replace(" ", "+").rstrip("=").encode()
    if _NOT_BASE64.search(plain):
        return b""
    try:
        return b64decode(plain + b"=" * (-len(plain) % 4))
    except Base64Error:
        return b""


def _parts(body: bytes, member: str) -> tuple[dict[str, bytes], Iterable[Raw]]:
    members = _OBJECT.decode(body)
    items = members.pop(member, None)
    if items is None or bytes(items)[:1] != b"[":
        raise RequestError("unreadable_body", f"The body is an object whose member {member} is a list.")
    return {name: bytes(value) for name, value in members.items()}, _LIST.decode(items)


def _text(body: bytes) -> bytes:
    body = body.removeprefix(BYTE_ORDER_MARK).strip(b" \t\r\n")
    if not body:
        raise RequestError("unreadable_body", "The body is empty.")
    try:
        body.decode()
    except UnicodeDecodeError:
        raise RequestError("unreadable_body", "The body is not UTF-8.") from None
    return body
