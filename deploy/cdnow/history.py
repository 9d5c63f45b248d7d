"""The CDNOW history (69,659 purchases, 1997-01 to 1998-06) as events of the source `cdnow`.

It comes as a data file in the wheel `lifetimes`, which is found but never imported: its code needs old libraries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import orjson

from deploy.errors import CannotStart
from deploy.loading.batches import Line

SOURCE = "cdnow"
CURRENCY = "USD"
AS_OF = "1998-07-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Purchase:
    """One row of the file; the first after the header is number 1."""

    number: int
    customer: str
    day: str
    quantity: int
    amount: str


def purchases() -> list[Purchase]:
    """Every row, in the file's order. Raises CannotStart when the wheel is not installed."""
    spec = find_spec("lifetimes")
    if spec is None or spec.origin is None:
        raise CannotStart("The CDNOW history is not installed. Run: pip install 'cdp[demo]'")
    rows = (Path(spec.origin).parent / "datasets" / "CDNOW_master.txt").read_text(encoding="ascii").splitlines()[1:]
    return [_purchase(number, *row.split()) for number, row in enumerate(rows, start=1)]


def as_line(purchase: Purchase) -> Line:
    """The purchase as a channel would send it."""
    day = purchase.day
    event = {
        "event_id": f"row-{purchase.number}",
        "type": "order.completed",
        "occurred_at": f"{day[:4]}-{day[4:6]}-{day[6:]}T00:00:00Z",
        "ids": {"customer_no": purchase.customer},
        "data": {
            "order_id": str(purchase.number),
            "currency": CURRENCY,
            "total": purchase.amount,
            "lines": [{"sku": "cd", "quantity": purchase.quantity, "amount": purchase.amount}],
        },
    }
    return Line(orjson.dumps(event), f"row {purchase.number}")


def best_customers(of: Iterable[Purchase], count: int) -> list[str]:
    """The customers with the highest sums; between equals the one with the lower number."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for purchase in of:
        sums[purchase.customer] += Decimal(purchase.amount)
    return sorted(sums, key=lambda customer: (-sums[customer], customer))[:count]


def _purchase(number: int, customer: str, day: str, quantity: str, amount: str) -> Purchase:
    return Purchase(number, customer, day, int(quantity), amount)
