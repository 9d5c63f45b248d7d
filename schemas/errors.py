"""The errors of the platform, and their rendering as RFC 9457 problems.

    CdpError                  something the platform says no to: .message for people, .code of the list
    ├── InvalidValue          one value cannot be read (also a ValueError); whoever holds the field adds where
    ├── Rejected              one event is refused: .pointer into it, .event_id when it could be read
    ├── BadFile               a file of which no row can be read
    ├── RequestError          a whole request is refused: .pointer into its body, when there is one
    │   ├── NotFound          nothing under this address
    │   ├── InvalidDefinition a segment or tag that cannot be (schemas.definitions): .refusals, each with its pointer
    │   └── NotYet            what `after` names has not arrived within the timeout
    ├── Unavailable           Kafka or ClickHouse does not answer: .what
    └── AlreadyInUse          another platform runs on this data directory

Each driver's own exceptions are mapped to these at its door; one handler renders them with `problem`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from schemas.error_codes import CODES, AppliesTo, ErrorCode

__all__ = [
    "CODES",
    "AlreadyInUse",
    "AppliesTo",
    "BadFile",
    "CdpError",
    "ErrorCode",
    "InvalidValue",
    "NotFound",
    "NotYet",
    "Rejected",
    "RequestError",
    "Unavailable",
    "problem",
]


class CdpError(Exception):
    """Anything the platform says no to, with a code of the published list and a sentence for a person."""

    def __init__(self, message: str, *, code: str = "internal_error") -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def status(self) -> int:
        """The HTTP status the code is answered with."""
        return CODES[self.code].status


class InvalidValue(CdpError, ValueError):
    """One value cannot be read. A ValueError, so that pydantic validators may raise it.

    `field` is the path below the value that was looked at, when only a part of it is wrong.
    """

    def __init__(self, code: str, message: str, field: tuple[str, ...] = ()) -> None:
        super().__init__(message, code=code)
        self.field = field


class Rejected(CdpError):
    """One event is refused; `pointer` (RFC 6901) is relative to the event."""

    def __init__(self, code: str, pointer: str, message: str, event_id: str | None = None) -> None:
        super().__init__(message, code=code)
        self.pointer = pointer
        self.event_id = event_id

    def __repr__(self) -> str:
        return f"Rejected({self.code!r}, {self.pointer!r}, {self.message!r})"


class BadFile(CdpError):
    """A file that cannot be imported at all."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="unreadable_file")


class RequestError(CdpError):
    """A whole request is refused; `pointer` is relative to its body."""

    def __init__(self, code: str, message: str, pointer: str | None = None) -> None:
        super().__init__(message, code=code)
        self.pointer = pointer


class NotFound(RequestError):
    """There is nothing under this address."""

    def __init__(self, message: str) -> None:
        super().__init__("not_found", message)


class NotYet(RequestError):
    """What was asked to be waited for has not arrived within the timeout."""

    def __init__(self, message: str) -> None:
        super().__init__("not_yet", message)


class Unavailable(CdpError):
    """Kafka or ClickHouse does not answer. Worth trying again: nothing was said about the request itself."""

    def __init__(self, what: Literal["kafka", "clickhouse"], message: str) -> None:
        super().__init__(message, code=f"{what}_unavailable")
        self.what = what


class AlreadyInUse(CdpError):
    """Another platform runs on this data directory. Seen at the command line only, never over HTTP."""


def problem(
    code: str,
    *,
    detail: str,
    instance: str | None = None,
    errors: Sequence[Mapping[str, Any]] = (),
    request_id: str | None = None,
    **extra: object,
) -> dict[str, Any]:
    """Build the RFC 9457 body of an answer; `code` must be in the published list.

    `type` is a URN: it names the kind of problem and leads nowhere, as RFC 9457 (3.1.1) allows.
    """
    known = CODES[code]
    return {
        "type": f"urn:cdp:problem:{code}",
        "title": known.title,
        "status": known.status,
        "detail": detail,
        "instance": instance,
        "code": code,
        "message": detail,
        "errors": list(errors),
        "request_id": request_id,
        **extra,
    }
