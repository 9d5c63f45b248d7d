"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass, field

MOST_TOLD = 10


@dataclass(slots=True)
class Finding:
    """One check: what it looked at, and what is wrong. Nothing personal: places in the log, ids of persons."""

    name: str
    looked_at: str = ""
    problems: list[str] = field(default_factory=list)
    count: int = 0
    """Of problems; those beyond MOST_TOLD are counted only."""
    notes: list[str] = field(default_factory=list)

    def wrong(self, sentence: str, count: int = 1) -> None:
        """Something is wrong."""
        self.count += count
        if len(self.problems) < MOST_TOLD:
            self.problems.append(sentence)

    @property
    def good(self) -> bool:
        """Whether nothing is."""
        return not self.count
