"""The RFM of the population as the API shows it. Pure."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from projections.rfm import Grid
from schemas.money import format_money
from schemas.rfm import CLASS_LABELS, Boundaries
from schemas.times import format_time

_FOUR_DECIMALS = Decimal("0.0001")


def rfm_answer(found: Boundaries, grid: Grid, currency: str) -> dict[str, Any]:
    """Boundaries, means, cells and classes; money as strings, means as numbers of at most 4 decimals."""
    return {
        "as_of": format_time(found.at),
        "customers": found.customers,
        "orders": found.frequency_sum,
        "net_amount": format_money(found.monetary_sum, currency),
        "boundaries": {
            "recency_days": list(found.recency),
            "frequency": list(found.frequency),
            "monetary": [format_money(value, currency) for value in found.monetary],
        },
        "means": {
            "recency_days": _mean(found.recency_sum, found.customers),
            "frequency": _mean(found.frequency_sum, found.customers),
            "monetary": _mean(found.monetary_sum, found.customers),
        },
        "cells": [
            {
                "r": row["r"],
                "f": row["f"],
                "customers": row["customers"],
                "net_amount": format_money(row["net_amount"], currency),
            }
            for row in grid.cells
        ],
        "classes": [
            {
                "key": row["key"],
                "label": CLASS_LABELS[row["key"]],
                "customers": row["customers"],
                "net_amount": format_money(row["net_amount"], currency),
            }
            for row in grid.classes
        ],
    }


def _mean(total: Decimal | int, count: int) -> float | int | None:
    """A number rounded half-even to 4 decimals; none over nobody."""
    if not count:
        return None
    mean = (Decimal(total) / count).quantize(_FOUR_DECIMALS, ROUND_HALF_EVEN)
    return int(mean) if mean == mean.to_integral_value() else float(mean)
