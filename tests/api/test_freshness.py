"""Freshness: the latest time up to which everything in the log is in the answer; what was seen, never guessed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from api.freshness import Freshness
from schemas.times import format_time
from tests.api.ledger import NOW, Ledger, Log


class World:
    """A log, a ledger, a clock, and the freshness between them."""

    def __init__(self) -> None:
        self.log, self.ledger, self.now = Log({("events", 0): 0, ("letters", 0): 0}), Ledger(), NOW
        self.freshness = Freshness(self.log, self.ledger, lambda: self.now, stale_after=10.0)  # type: ignore[arg-type]

    async def after(self, seconds: float) -> dict[str, Any]:
        """What is shown that much later."""
        self.now += timedelta(seconds=seconds)
        return await self.freshness.shown()


@pytest.fixture
def world() -> World:
    return World()


def shown(at: datetime, lag: float, *, stale: bool = False) -> dict[str, Any]:
    return {"as_of": format_time(at), "lag_seconds": lag, "stale": stale}


async def test_an_idle_platform_is_as_fresh_as_now(world: World) -> None:
    """Nothing new in the log: everything is in the answer."""
    assert await world.after(60) == shown(NOW + timedelta(seconds=60), 0.0)


async def test_what_is_not_recorded_ages_the_answer(world: World) -> None:
    """From the last moment at which all was in; stale beyond the setting."""
    await world.after(1)
    world.log.ends["events", 0] = 1
    assert await world.after(4) == shown(NOW + timedelta(seconds=1), 4.0)
    assert await world.after(7) == shown(NOW + timedelta(seconds=1), 11.0, stale=True)


async def test_recorded_is_not_yet_folded(world: World) -> None:
    """An event counts as in when what it touched has been folded, too."""
    await world.after(1)
    world.log.ends["events", 0] = 1
    world.ledger.latest["recorder"] = {("touched", 3): 7}
    await world.after(1)
    world.ledger.done("recorder", "events", 0, 0)
    assert await world.after(1) == shown(NOW + timedelta(seconds=1), 2.0)
    events = {"name": "events", "stage": "recorder", "watermark": format_time(NOW)}
    assert world.freshness.projections()[1] == {**events, **shown(NOW + timedelta(seconds=3), 0.0)}
    world.ledger.done("profiler", "touched", 3, 6)
    assert (await world.after(1))["lag_seconds"] == 3.0
    world.ledger.done("profiler", "touched", 3, 7)
    assert await world.after(1) == shown(world.now, 0.0)


async def test_weighed_is_not_yet_folded(world: World) -> None:
    """Whoever became one person with somebody counts as in when the resolver is done, and what it touched is folded."""
    await world.after(1)
    world.log.ends["events", 0] = 1
    world.ledger.latest["recorder"] = {("identity", 0): 4}
    await world.after(1)
    world.ledger.done("recorder", "events", 0, 0)
    assert (await world.after(1))["lag_seconds"] == 2.0
    world.ledger.latest["resolver"] = {("touched", 1): 9}
    world.ledger.done("resolver", "identity", 0, 4)
    assert (await world.after(1))["lag_seconds"] == 3.0
    world.ledger.done("profiler", "touched", 1, 9)
    assert await world.after(1) == shown(world.now, 0.0)


async def test_letters_that_wait_age_the_answer(world: World) -> None:
    """Refused events are events: until their letters are buried, not everything is in."""
    await world.after(1)
    world.log.ends["letters", 0] = 3
    assert (await world.after(1))["lag_seconds"] == 1.0
    world.ledger.done("undertaker", "letters", 0, 2)
    assert (await world.after(1))["lag_seconds"] == 0.0


@pytest.mark.parametrize("who", ["log", "ledger"])
async def test_without_kafka_or_clickhouse_it_ages(world: World, who: str) -> None:
    """Nobody knows what is in the log then, so nothing newer is claimed; no answer fails for it."""
    await world.after(1)
    getattr(world, who).away = True
    assert await world.after(20) == shown(NOW + timedelta(seconds=1), 20.0, stale=True)
    getattr(world, who).away = False
    assert await world.after(1) == shown(world.now, 0.0)


async def test_many_who_ask_at_once_ask_once(world: World) -> None:
    """A mark of a moment ago serves everybody."""
    await world.after(1)
    before = world.ledger.asked
    assert [await world.freshness.shown() for _ in range(5)] == [shown(world.now, 0.0)] * 5
    assert world.ledger.asked == before
