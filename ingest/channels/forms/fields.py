"""A form's post as fields: urlencoded, multipart or JSON, each within limits."""

from __future__ import annotations

from collections.abc import Iterable
from email import policy
from email.message import Message
from email.parser import BytesParser
from urllib.parse import parse_qsl

from ingest.channels.reading import one_value
from ingest.channels.values import Json, Object
from schemas.decoding import decode_event
from schemas.errors import Rejected, RequestError

MAX_FORM_BYTES = 64 * 1024
MAX_FIELDS = 200
MAX_NAME = 100
MAX_VALUE = 8000
_UNREADABLE = "unreadable_body"


def fields_of(body: bytes, content_type: str) -> Object:
    """The fields of a post: text, or a list of texts where a name stands several times; in JSON also numbers.

    Raises RequestError: payload_too_large, unreadable_body.
    """
    if len(body) > MAX_FORM_BYTES:
        raise RequestError("payload_too_large", f"A form may have {MAX_FORM_BYTES} bytes.")
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        found = _gathered(_parts(body, content_type))
    elif kind == "application/json":
        found = _json(body)
    else:
        found = _gathered(_urlencoded(body))
    return _within_limits(found)


def _urlencoded(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError:
        raise RequestError(_UNREADABLE, f"The body is no form of at most {MAX_FIELDS} fields in UTF-8.") from None


def _parts(body: bytes, content_type: str) -> list[tuple[str, str]]:
    """Fields of multipart/form-data. Files are not taken."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("utf-8", "replace")
    message = BytesParser(policy=policy.HTTP).parsebytes(head + body)
    if not message.is_multipart():
        raise RequestError(_UNREADABLE, "The body is no multipart form: Content-Type has no boundary, or another.")
    return [_part(part) for part in message.iter_parts()]


def _part(part: Message) -> tuple[str, str]:
    name, content = part.get_param("name", None, "content-disposition"), part.get_payload(decode=True)
    if part.get_filename() is not None:
        raise RequestError(_UNREADABLE, "Files are not taken: the form may have fields only.")
    if not isinstance(name, str) or not isinstance(content, bytes):
        raise RequestError(_UNREADABLE, "A part of the form has no name.")
    try:
        return name, content.decode()
    except UnicodeDecodeError:
        raise RequestError(_UNREADABLE, "The form is not in UTF-8.") from None


def _json(body: bytes) -> Object:
    try:
        return decode_event(one_value(body))
    except Rejected as why:
        raise RequestError(_UNREADABLE, why.message) from None


def _gathered(pairs: Iterable[tuple[str, str]]) -> Object:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _within_limits(found: Object) -> Object:
    if len(found) > MAX_FIELDS:
        raise RequestError(_UNREADABLE, f"A form may have {MAX_FIELDS} fields.")
    for name, value in found.items():
        values = value if isinstance(value, list) else [value]
        if len(name) > MAX_NAME or any(map(_too_much, values)):
            raise RequestError(_UNREADABLE, f"A field has a name of {MAX_NAME} and text of {MAX_VALUE} characters.")
    return found


def _too_much(value: Json) -> bool:
    return isinstance(value, dict | list) or (isinstance(value, str) and len(value) > MAX_VALUE)
