"""The CDNOW history as a log: real purchases with a known RFM answer (`cdnow_rfm_1998-07-01.json`)."""

import json
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from deploy.oracle.model import Json, Logged

LOADED_AT = datetime(2026, 1, 1, tzinfo=UTC)
GOLDEN = Path(__file__).with_name("cdnow_rfm_1998-07-01.json")


def cdnow() -> list[Logged]:
    """One order.completed per row of the file in the wheel `lifetimes`, which is read but never imported."""
    spec = find_spec("lifetimes")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(name="lifetimes")
    rows = (Path(spec.origin).parent / "datasets" / "CDNOW_master.txt").read_text().splitlines()[1:]
    return [
        Logged("cdnow", purchase(number, *row.split()), 0, (number - 1) // 100, (number - 1) % 100, LOADED_AT)
        for number, row in enumerate(rows, start=1)
    ]


def purchase(number: int, customer: str, day: str, cds: str, dollars: str) -> Json:
    """One row as a channel would send it."""
    return {
        "event_id": f"row-{number}",
        "type": "order.completed",
        "occurred_at": f"{day[:4]}-{day[4:6]}-{day[6:]}T00:00:00Z",
        "ids": {"customer_no": customer},
        "data": {
            "order_id": str(number),
            "currency": "USD",
            "total": dollars,
            "lines": [{"sku": "cd", "quantity": int(cds), "amount": dollars}],
        },
    }


def golden() -> Json:
    """The known answer as of 1998-07-01."""
    answer: Json = json.loads(GOLDEN.read_text())
    return answer
