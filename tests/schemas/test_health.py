"""What a process depends on: how it stands, since when, and that nothing hangs with it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from schemas import health
from schemas.errors import CdpError, Unavailable
from schemas.health import Dependency, Health

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class World:
    """A health with the hands of its clock."""

    def __init__(self, *probes: Callable[[], str], required: bool = True) -> None:
        self.seconds = 0.0
        self.told: list[tuple[str, bool]] = []
        dependencies = [Dependency(f"d{n}", probe, "not_ready", required) for n, probe in enumerate(probes)]
        clock = lambda: NOON + timedelta(seconds=self.seconds)  # noqa: E731
        self.health = Health(
            dependencies, clock=clock, seconds=lambda: self.seconds, told=lambda *each: self.told.append(each)
        )

    async def look(self, after: float = 0.0) -> list[tuple[str, str, int]]:
        """State, message, and since which second, of each."""
        self.seconds += after
        return [(each.state, each.message, (each.since - NOON).seconds) for each in await self.health.look()]


async def test_a_state_has_its_beginning() -> None:
    """Since when it is so, not when it was looked at last."""
    said = iter(["", "", "gone", "gone", ""])
    world = World(lambda: next(said))
    seen = [(await world.look(3))[0] for _ in range(5)]
    assert seen == [("up", "", 3), ("up", "", 3), ("down", "gone", 9), ("down", "gone", 9), ("up", "", 15)]
    assert world.told == [("d0", up) for up in (True, True, False, False, True)]


async def test_what_was_seen_holds_for_a_moment() -> None:
    """Whoever asks within two seconds shares an answer: probes are no load."""
    asked: list[int] = []

    def probe() -> str:
        asked.append(1)
        return ""

    world = World(probe)
    for _ in range(5):
        await world.look(1)
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (Unavailable("kafka", "NoBrokers"), "d0 does not answer."),
        (CdpError("No such table."), "No such table."),
    ],
)
async def test_an_error_is_a_sentence(error: CdpError, message: str) -> None:
    """One for whoever reads /readyz, whatever the driver said."""

    def fails() -> str:
        raise error

    assert await World(fails).look() == [("down", message, 0)]


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_PATIENCE", 0.4)


@pytest.mark.usefixtures("patience")
async def test_one_that_hangs_is_down_and_asked_once() -> None:
    """Others are told meanwhile; no second thread waits for it; and once it answers it is up."""
    answers, asked = threading.Event(), list[int]()

    def hangs() -> str:
        asked.append(1)
        answers.wait(10)
        return ""

    world = World(hangs, lambda: "")
    for _ in range(3):
        (hung, well) = await world.look(3)
        assert (hung[0], hung[2], well[0]) == ("down", 3, "up")
        assert "has not answered" in hung[1]
    assert len(asked) == 1
    answers.set()
    await asyncio.wait_for(asyncio.shield(world.health._probes["d0"]), 10)
    assert (await world.look(3))[0] == ("up", "", 12)


async def test_only_what_is_required_is_fatal() -> None:
    """A process that can do some of its work goes on being asked."""
    for required in (True, False):
        (standing,) = await World(lambda: "gone", required=required).health.look()
        assert standing.is_fatal is required
        assert standing.shown()["required"] is required


async def test_it_is_watched_though_nobody_asks() -> None:
    """So that `since` is right when somebody does."""
    seen = asyncio.Event()
    loop = asyncio.get_running_loop()

    def probe() -> str:
        loop.call_soon_threadsafe(seen.set)
        return ""

    async with World(probe).health.watched():
        await asyncio.wait_for(seen.wait(), 10)
