"""JSON Patch (RFC 6902) on one event's bytes: numbers stay exact, and no operation may make an event huge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from jsonpatch import JsonPatch, JsonPatchException, JsonPointerException

from schemas.decoding import decode_event
from schemas.errors import Rejected, RequestError

MAX_OPERATIONS = 100
_MOST_BYTES = 2**20
# What the library looks for only when it comes to apply the operation.
_NEEDED = {"add": "value", "replace": "value", "test": "value", "move": "from", "copy": "from"}
_ENCODER = msgspec.json.Encoder(decimal_format="number")

Operation = Mapping[str, Any]


class Patch:
    """Operations that were looked at once and are applied to many events."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        """Raises RequestError `bad_parameter`, its pointer relative to a body {"patch": […]}."""
        if len(operations) > MAX_OPERATIONS:
            raise RequestError("bad_parameter", f"A patch may have {MAX_OPERATIONS} operations.", "/patch")
        self._steps = [(str(each.get("path", "")), _read(each, place)) for place, each in enumerate(operations)]

    def apply(self, raw: bytes) -> bytes:
        """The event with all operations applied. Raises Rejected: unreadable and the like, or `patch_failed`.

        What the library says may quote the event, so the sentence is ours.
        """
        event: Any = decode_event(raw)
        written = raw
        for number, (path, step) in enumerate(self._steps, 1):
            try:
                event = step.apply(event)
                written = _written(event)
            except (JsonPatchException, JsonPointerException, TypeError, ValueError, RecursionError):
                raise Rejected("patch_failed", path, f"Operation {number} of the patch does not fit.") from None
            if len(written) > _MOST_BYTES:
                raise Rejected("patch_failed", path, f"Operation {number} of the patch makes the event too large.")
        return written


def _read(operation: Operation, place: int) -> JsonPatch:
    try:
        needed = _NEEDED.get(str(operation.get("op")), "path")
        if needed not in operation:
            raise ValueError
        return JsonPatch([operation])
    except (JsonPatchException, JsonPointerException, TypeError, ValueError, AttributeError):
        sentence = "This is no operation of JSON Patch (RFC 6902): {op, path, value} or {op, path, from}."
        raise RequestError("bad_parameter", sentence, f"/patch/{place}") from None


def _written(event: Any) -> bytes:
    return _ENCODER.encode(_encodable(event))


def _encodable(value: Any) -> Any:
    """The same with integers as any length can be written."""
    if isinstance(value, dict):
        return {name: _encodable(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_encodable(part) for part in value]
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value
