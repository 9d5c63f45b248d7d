"""When a worker hangs: records wait in a partition of its own, and nothing says that they will ever be done. Pure.

A partition that is behind has made progress when its committed offset moved, or when the step that holds its records
gives signs of life, however long it takes. Partitions may wait for others: for a few steps, not for ever.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from processors.pulse import Place, Sign

STEPS_OF_OTHERS = 3
"""How many steps of each stage a partition may wait for, besides those with records of its own."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen at one moment: the partitions to judge, offsets by the broker, and what the stages are at."""

    at: float
    watched: Collection[Place]
    committed: Mapping[Place, int]
    begins: Mapping[Place, int]
    ends: Mapping[Place, int]
    signs: Sequence[Sign] = ()

    def position(self, place: Place) -> int:
        """The next record the partition's reader has not acknowledged."""
        return max(self.committed.get(place, 0), self.begins.get(place, 0))

    def is_behind(self, place: Place) -> bool:
        """Whether records wait."""
        return self.position(place) < self.ends.get(place, 0)


@dataclass(slots=True)
class _Seen:
    position: int
    at: float
    waited_for: set[tuple[str, int]] = field(default_factory=set)


@dataclass(slots=True)
class Stalling:
    """Judges one worker over time; `after` is in seconds of the sights' clock."""

    after: float
    _seen: dict[Place, _Seen] = field(default_factory=dict)

    def look(self, sight: Sight) -> dict[Place, float]:
        """The watched partitions that stand still for too long, each with for how many seconds."""
        self._seen = {place: self._progress(place, sight) for place in sight.watched}
        return {
            place: sight.at - seen.at
            for place, seen in self._seen.items()
            if sight.is_behind(place) and sight.at - seen.at > self.after
        }

    def silent(self, sight: Sight) -> list[str]:
        """The stages, clock and census included, whose step has given no sign of life for too long."""
        return [sign.stage for sign in sight.signs if sight.at - sign.at > self.after]

    def forget(self) -> None:
        """Begin anew: a server did not answer, so nothing that stands still is this worker's fault."""
        self._seen = {}

    def _progress(self, place: Place, sight: Sight) -> _Seen:
        position, seen = sight.position(place), self._seen.get(place)
        if seen is None or position != seen.position or not sight.is_behind(place):
            return _Seen(position, sight.at)
        for sign in sight.signs:
            if sign.at > seen.at and _excuses(sign, place, seen):
                seen.at = sign.at
        return seen


def _excuses(sign: Sign, place: Place, seen: _Seen) -> bool:
    """Whether this partition's records are in that step, or may wait for it to end."""
    if place in sign.places:
        return True
    step = sign.stage, sign.step
    of_stage = sum(stage == sign.stage for stage, _ in seen.waited_for)
    if step not in seen.waited_for and of_stage >= STEPS_OF_OTHERS:
        return False
    seen.waited_for.add(step)
    return True
