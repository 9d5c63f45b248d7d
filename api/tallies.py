"""Counts by value as JSON has them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson


def by_text(counts: Mapping[Any, int]) -> dict[str, int]:
    """Values as names: text as it is, true and numbers as JSON writes them; most first."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))
    return {value if isinstance(value, str) else orjson.dumps(value).decode(): count for value, count in ranked}
