"""Events for tests."""

from __future__ import annotations

from typing import Any

import orjson


def viewed(event_id: str = "e1", **more: Any) -> dict[str, Any]:
    """Give a valid event."""
    return {
        "event_id": event_id,
        "type": "product.viewed",
        "occurred_at": "2026-11-21T08:00:00+08:00",
        "ids": {"member_id": "M42"},
        "data": {"sku": "P-9"},
        **more,
    }


def ndjson(*events: Any) -> bytes:
    """Write events as lines."""
    return b"\n".join(orjson.dumps(event) for event in events)
