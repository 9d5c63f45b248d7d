"""One customer's history, and the others the contract's tests need, as channels would send them."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def event(event_id: str, kind: str, day: int, ids: Json | None, data: Json, **top: Any) -> Json:
    """An event of November 2025."""
    said = {"event_id": event_id, "type": kind, "occurred_at": f"2025-11-{day:02}T08:00:00+08:00", "data": data, **top}
    return said if ids is None else {**said, "ids": ids}


ANN = {"member_id": "ANN", "phone": "138 0013 8001"}
LINE = {"sku": "P-9", "name": "Rose", "category": "perfume", "quantity": 2, "amount": 268}
HISTORY = [
    event(
        "a1",
        "order.placed",
        1,
        ANN,
        {"order_id": "1001", "currency": "CNY", "total": 268, "lines": [LINE]},
        channel="pos",
        store="mall/a",
    ),
    event("a2", "order.paid", 2, ANN, {"order_id": "1001", "currency": "CNY", "amount": "268.00"}),
    event("a3", "order.refunded", 5, ANN, {"order_id": "1001", "refund_id": "r1", "currency": "CNY", "amount": "68"}),
    event("a4", "order.placed", 6, ANN, {"order_id": "1002", "currency": "CNY", "total": "10", "lines": []}),
    event("a5", "customer.identified", 3, ANN, {"traits": {"name": "Ann", "city": "上海"}}),
    event("a6", "product.viewed", 4, ANN, {"sku": "P-9"}, channel="app"),
    event("a7", "feedback.rated", 7, ANN, {"scale": "nps", "score": 9}),
    event("a8", "consent.changed", 7, ANN, {"purpose": "sms", "granted": True}),
    event("a9", "points.earned", 8, ANN, {"points": 25}),
    event("a10", "order.shipped", 9, None, {"order_id": "1001"}),
]
OTHERS = [
    event(
        "b1",
        "order.completed",
        2,
        {"member_id": "BEN"},
        {"order_id": "2001", "currency": "CNY", "total": "50", "lines": []},
    ),
    event("s1", "page.viewed", 2, {"wechat_openid": "o/1"}, {"url": "/"}),
    event("p1", "order.shipped", 2, None, {"order_id": "nobody's"}),
    event("v1", "page.viewed", 2, {"member_id": "VIC"}, {"url": "/"}),
    event("v2", "page.viewed", 3, {"member_id": "VIC"}, {"url": "/x"}),
    event("void", "event.voided", 4, None, {"event_id": "v1"}),
]
CONFLICT = event(
    "b1",
    "order.completed",
    2,
    {"member_id": "BEN"},
    {"order_id": "2001", "currency": "CNY", "total": "51", "lines": []},
)
REFUSED = event("bad", "order.dreamt", 2, ANN, {})
