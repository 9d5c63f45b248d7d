"""Events of the end-to-end tests."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def completed(who: str, order: str, total: str = "10.00", **more: Any) -> Json:
    """A completed order of a member."""
    return {
        "event_id": f"{who}:{order}:completed",
        "type": "order.completed",
        "occurred_at": "2026-01-01T08:00:00+08:00",
        "ids": {"member_id": who},
        "channel": "pos",
        "data": {"order_id": order, "currency": "CNY", "total": total, "lines": []},
        **more,
    }


def viewed(who: str, event_id: str, **more: Any) -> Json:
    """A member looked at a product."""
    return {
        "event_id": event_id,
        "type": "product.viewed",
        "occurred_at": "2026-01-01T08:00:00+08:00",
        "ids": {"member_id": who},
        "channel": "app",
        "data": {"sku": "P-9"},
        **more,
    }
