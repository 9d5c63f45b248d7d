"""JSON Patch on events: RFC 6902, exact numbers, and no way to make a small event huge."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.errors import Rejected, RequestError
from schemas.patching import MAX_OPERATIONS, Patch

EVENT = (
    b'{"event_id": "e1", "data": {"total": 268.10, "lines": [{"amount": 1.0000}], "n": 123456789012345678901234567890}}'
)


def test_operations_are_applied_in_their_order() -> None:
    """add, replace, remove, move, copy and test, as the RFC says."""
    patch = Patch(
        [
            {"op": "test", "path": "/event_id", "value": "e1"},
            {"op": "add", "path": "/data/currency", "value": "CNY"},
            {"op": "copy", "from": "/data/currency", "path": "/currency"},
            {"op": "move", "from": "/currency", "path": "/context"},
            {"op": "replace", "path": "/event_id", "value": "e2"},
            {"op": "remove", "path": "/data/n"},
        ]
    )
    expected = b'{"event_id":"e2","data":{"total":268.10,"lines":[{"amount":1.0000}],"currency":"CNY"},"context":"CNY"}'
    assert patch.apply(EVENT) == expected


def test_numbers_stay_as_they_were_written() -> None:
    """No amount goes through a float, no long number is cut."""
    patched = Patch([{"op": "add", "path": "/x", "value": 1}]).apply(EVENT)
    assert b"268.10" in patched
    assert b"1.0000" in patched
    assert b"123456789012345678901234567890" in patched


def test_an_event_is_patched_as_it_came_each_time() -> None:
    """One patch, many events."""
    patch = Patch([{"op": "add", "path": "/data/lines/-", "value": {"tags": []}}])
    assert patch.apply(EVENT) == patch.apply(EVENT)


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": "/data/nothing", "value": 1},
        {"op": "remove", "path": "/data/lines/7"},
        {"op": "test", "path": "/event_id", "value": "secret-of-the-patch"},
        {"op": "add", "path": "/data/lines/x", "value": 1},
        {"op": "add", "path": "/event_id/deeper", "value": 1},
        {"op": "copy", "from": "/absent", "path": "/data/x"},
        {"op": "move", "from": "/data", "path": "/data/lines"},
    ],
    ids=str,
)
def test_an_operation_that_does_not_fit_says_which(operation: dict[str, Any]) -> None:
    """Its path and number; nothing of the event."""
    with pytest.raises(Rejected) as refused:
        Patch([{"op": "add", "path": "/context", "value": {}}, operation]).apply(EVENT)
    assert (refused.value.code, refused.value.pointer) == ("patch_failed", operation["path"])
    assert refused.value.message == "Operation 2 of the patch does not fit."


@pytest.mark.parametrize(
    "operation",
    [{}, {"op": "dance", "path": ""}, {"op": "add", "path": "/x"}, {"op": "add", "path": "x", "value": 1},
     {"op": "move", "path": "/x"}, {"op": "add", "path": 1, "value": 1}],
    ids=str,
)  # fmt: skip
def test_what_is_no_operation_is_refused_at_once(operation: dict[str, Any]) -> None:
    """With its place in the body."""
    with pytest.raises(RequestError) as refused:
        Patch([{"op": "remove", "path": "/x"}, operation])
    assert (refused.value.code, refused.value.pointer) == ("bad_parameter", "/patch/1")


def test_a_patch_cannot_grow_without_end() -> None:
    """Copying what was copied doubles it each time."""
    doubling = [{"op": "copy", "from": "/data", "path": f"/data/x{n}"} for n in range(MAX_OPERATIONS)]
    with pytest.raises(Rejected) as refused:
        Patch(doubling).apply(EVENT)
    assert refused.value.code == "patch_failed"
    with pytest.raises(RequestError):
        Patch([*doubling, *doubling])


def test_bytes_that_are_no_event_cannot_be_patched() -> None:
    """They keep the code they died of."""
    for raw, code in ((b"\xff", "unreadable"), (b"[1]", "invalid_type"), (b"{", "unreadable")):
        with pytest.raises(Rejected) as refused:
            Patch([{"op": "add", "path": "/x", "value": 1}]).apply(raw)
        assert refused.value.code == code
