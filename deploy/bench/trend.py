"""What the chunks of a stretch of time say of it: how much was current when, and whether that falls behind."""

from __future__ import annotations

from collections.abc import Sequence

from deploy.bench.ledger import Chunk


def delays(chunks: Sequence[Chunk]) -> list[tuple[float, float]]:
    """Of each chunk that is current: when Kafka took its first event, and seconds until all of it was current."""
    return [(each.first, each.current - each.first) for each in chunks if each.current is not None]


def slope(points: Sequence[tuple[float, float]]) -> float:
    """By how much the second grows with each unit of the first, by least squares; 0 where that cannot be told."""
    if not points:
        return 0.0
    x_mean = sum(x for x, _ in points) / len(points)
    y_mean = sum(y for _, y in points) / len(points)
    spread = sum((x - x_mean) ** 2 for x, _ in points)
    return sum((x - x_mean) * (y - y_mean) for x, y in points) / spread if spread else 0.0


def current_by(chunks: Sequence[Chunk], moment: float) -> int:
    """How many events were current at a moment."""
    return sum(each.events for each in chunks if each.current is not None and each.current <= moment)


def all_current(chunks: Sequence[Chunk]) -> float | None:
    """When the last of them was; None when some are not."""
    moments = [each.current for each in chunks]
    return None if None in moments or not moments else max(moment for moment in moments if moment is not None)
