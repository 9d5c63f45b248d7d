"""The RFM of the population as the API shows it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from projections.boundary_versions import Versioned
from projections.rfm import Grid
from projections.rfm_migration import Move
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
        **_thresholds(found, currency),
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


def version_answer(one: Versioned, currency: str) -> dict[str, Any]:
    """A version of the boundaries; `shares` are the net amounts at which the ABC shares of 1 to 99 % end."""
    found = one.boundaries
    return {
        "version": one.version,
        "at": format_time(found.at),
        "cause": one.cause,
        "customers": found.customers,
        "orders": found.frequency_sum,
        "net_amount": format_money(found.monetary_sum, currency),
        **_thresholds(found, currency),
        "shares": [format_money(value, currency) for value in found.shares],
    }


def migration_answer(earlier: datetime, later: datetime, moves: Sequence[Move], currency: str) -> dict[str, Any]:
    """The matrix without its empty cells, and how many of each class there were and are."""
    return {
        "from": format_time(earlier),
        "to": format_time(later),
        "customers": sum(move.customers for move in moves),
        "matrix": [
            {
                "from": move.before,
                "to": move.after,
                "customers": move.customers,
                "net_amount": format_money(move.net_amount, currency),
            }
            for move in sorted(moves, key=lambda move: (move.before or "", move.after or ""))
        ],
        "classes": [
            {
                "key": key,
                "label": label,
                "from": _customers(move for move in moves if move.before == key),
                "to": _customers(move for move in moves if move.after == key),
            }
            for key, label in sorted(CLASS_LABELS.items())
        ],
    }


def _customers(moves: Iterable[Move]) -> int:
    return sum(move.customers for move in moves)


def _thresholds(found: Boundaries, currency: str) -> dict[str, Any]:
    return {
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
    }


def _mean(total: Decimal | int, count: int) -> float | int | None:
    """A number rounded half-even to 4 decimals; none over nobody."""
    if not count:
        return None
    mean = (Decimal(total) / count).quantize(_FOUR_DECIMALS, ROUND_HALF_EVEN)
    return int(mean) if mean == mean.to_integral_value() else float(mean)
