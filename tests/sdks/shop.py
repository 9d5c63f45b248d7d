"""A shop's server with segment-analytics-python or rudder-sdk-python: `shop.py segment|rudderstack URL KEY NAME`.

Run as a program of its own, as the shop would: the clients have threads, and read the environment.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

TRAITS = {"name": "王芳", "age": 41, "vip": True}
VIEWED = {"product_id": "P-9", "name": "Rose", "category": "perfume", "price": 89.9}
COMPLETED = {
    "total": 268.0,
    "currency": "CNY",
    "products": [{"product_id": "P-9", "category": "perfume", "price": 268 / 3, "quantity": 3}],
}
REFUNDED = {"total": 68.0, "currency": "CNY", "refund_id": "r-1"}


def failed(error: Exception, _batch: object) -> None:
    """End with the client's error: it is called on the client's own thread."""
    sys.stderr.write(f"{error}\n")
    os._exit(1)


def main(kind: str, url: str, key: str, name: str) -> None:
    """Tell the story of one customer."""
    library: Any = import_module(f"{kind}.analytics.client")
    client = library.Client(key, host=url, gzip=True, on_error=failed, max_retries=1)
    visitor = f"{name}-visitor"
    client.page(anonymous_id=visitor, name="Home", properties={"url": "https://shop.example/"})
    client.track(anonymous_id=visitor, event="Product Viewed", properties=VIEWED)
    client.identify(name, {**TRAITS, "email": f"{name}@example.com"}, anonymous_id=visitor)
    client.track(name, "Order Completed", {**COMPLETED, "order_id": f"{name}-1"})
    client.track(name, "Order Refunded", {**REFUNDED, "order_id": f"{name}-1"})
    client.group(name, "club-1", {"name": "Club"})
    client.alias(f"{name}-old", name)
    client.screen(name, name="Cart")
    client.shutdown()


if __name__ == "__main__":
    main(*sys.argv[1:])
