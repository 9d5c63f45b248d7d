"""What befalls the platform, round by round: a deck that is shuffled, dealt out, and shuffled again. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Literal

Kind = Literal["kill", "term", "stop", "lose", "slow", "join", "raise", "hang", "poison"]
PROCESSES = ("kafka", "clickhouse", "ingest", "processors", "api")
STAGES = ("recorder", "resolver", "profiler")
"""Those that every event passes, so that a fault asked of them happens."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One blow. `victim` is a process or a stage; `seconds` how long it lasts; `how` a variant of it."""

    kind: Kind
    victim: str = ""
    seconds: float = 0.0
    how: str = ""

    @property
    def words(self) -> str:
        """For people."""
        return {
            "kill": f"kill -9 {self.victim}",
            "term": f"SIGTERM {self.victim}",
            "stop": f"SIGSTOP {self.victim} for {self.seconds} s",
            "lose": f"answers to inserts lost for {self.seconds} s",
            "slow": f"ClickHouse slow for {self.seconds} s",
            "join": f"a second worker joins, then leaves by {self.how}",
            "raise": f"{self.victim} raises {self.how} a step",
            "hang": f"{self.victim} hangs",
            "poison": f"{self.victim} fails on one event, always",
        }[self.kind]

    @property
    def restarts(self) -> dict[str, int]:
        """How often each process has to be started again for it."""
        if self.kind in {"kill", "term"}:
            return {self.victim: 1}
        return {"processors": 3 if self.kind == "poison" else 1} if self.kind in {"raise", "hang", "poison"} else {}


def plans(seed: int) -> Iterator[Plan]:
    """Every ten rounds have one of each kind, in an order and with victims of the seed's."""
    chance = Random(seed)  # noqa: S311 -- guards nothing
    while True:
        deck = [deal(chance) for deal in _DECK]
        chance.shuffle(deck)
        yield from deck


def _seconds(chance: Random, least: float, most: float) -> float:
    return round(chance.uniform(least, most), 1)


def _answers(chance: Random) -> Plan:
    kind: Kind = chance.choice(("lose", "slow"))
    return Plan(kind, seconds=_seconds(chance, 1, 3))


def _raises(chance: Random) -> Plan:
    how = chance.choice(("before", "after", "poison"))
    return Plan("poison", "recorder") if how == "poison" else Plan("raise", chance.choice(STAGES), how=how)


_DECK: tuple[Callable[[Random], Plan], ...] = (
    lambda _: Plan("kill", "kafka"),
    lambda _: Plan("kill", "clickhouse"),
    lambda _: Plan("kill", "processors"),
    lambda chance: Plan("kill", chance.choice(("ingest", "api"))),
    lambda chance: Plan("term", chance.choice(PROCESSES)),
    lambda chance: Plan("stop", chance.choice(PROCESSES), _seconds(chance, 1, 5)),
    _answers,
    lambda chance: Plan("join", how=chance.choice(("kill -9", "SIGTERM"))),
    _raises,
    lambda chance: Plan("hang", chance.choice(STAGES)),
)
