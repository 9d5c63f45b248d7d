"""The clock: whoever's moment has come is touched, maybe twice, never not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from processors import waking
from processors.waking import Waker
from tests.processors.records import START, FakeLog

Due = list[tuple[datetime, str, str]]


class Clockwork:
    """The wakeups of a platform, without ClickHouse."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wakeups: Due = []
        self.done = datetime.fromtimestamp(0, UTC)
        self.now = START
        self.log = FakeLog()
        self.roots: dict[str, str] = {}
        self.together: list[str] = []
        self.flips: list[tuple[datetime, str]] = []
        monkeypatch.setattr(
            waking, "due", lambda _, since, until: [(s, t) for at, s, t in self.wakeups if since < at <= until]
        )
        monkeypatch.setattr(waking, "woken_until", lambda _: self.done)
        monkeypatch.setattr(waking, "say_woken", self._say)
        monkeypatch.setattr(waking, "claimants", lambda _, things: {"member_id:owner"} if things else set())

        monkeypatch.setattr(
            waking, "roots_of", lambda _, subjects: ({s: self.roots.get(s, s) for s in subjects}, set())
        )
        monkeypatch.setattr(
            waking, "flips_due", lambda _, since, until: [each for each in self.flips if since < each[0] <= until]
        )
        monkeypatch.setattr(waking, "due_sightings", lambda _, since, until: set(self.together))

    def _say(self, _: Any, until: datetime, count: int) -> None:
        self.done = until

    def waker(self) -> Waker:
        return Waker(None, self.log, "touched", "identity", lambda: self.now)  # type: ignore[arg-type]

    @property
    def touched(self) -> list[str]:
        said = [orjson.loads(record.value) for record in self.log.records if record.topic == "touched"]
        return [root for each in said for root, _ in each.get("touch", ())]

    @property
    def flipped(self) -> list[str]:
        said = [orjson.loads(record.value) for record in self.log.records if record.topic == "touched"]
        return [root for each in said for root in each.get("flip", ())]


@pytest.fixture
def clockwork(monkeypatch: pytest.MonkeyPatch) -> Clockwork:
    return Clockwork(monkeypatch)


def test_who_is_due_is_touched(clockwork: Clockwork) -> None:
    """A moment that has come touches; one that lies ahead does not, until it comes."""
    clockwork.wakeups = [(START, "a", ""), (START + timedelta(hours=1), "b", "")]
    waker = clockwork.waker()
    waker.process([])
    assert clockwork.touched == ["a"]
    clockwork.now += timedelta(hours=1)
    waker.process([])
    assert set(clockwork.touched) == {"a", "b"}


def test_an_event_without_a_customer_wakes_whoever_it_may_belong_to(clockwork: Clockwork) -> None:
    """Its order's claimants are touched."""
    clockwork.wakeups = [(START, "", "order:pos/1")]
    clockwork.waker().process([])
    assert clockwork.touched == ["member_id:owner"]


def test_whose_person_has_another_root_is_touched_there(clockwork: Clockwork) -> None:
    """A person is folded under its root."""
    clockwork.wakeups = [(START, "a", "")]
    clockwork.roots = {"a": "first"}
    clockwork.waker().process([])
    assert clockwork.touched == ["first"]


def test_what_is_seen_together_ahead_is_weighed_when_its_time_comes(clockwork: Clockwork) -> None:
    """An event dated ahead joins nobody before."""
    clockwork.wakeups = [(START, "a", "")]
    clockwork.together = ["a", "b"]
    clockwork.waker().process([])
    [asked] = [record for record in clockwork.log.records if record.topic == "identity"]
    assert orjson.loads(asked.value) == {"weigh": ["a", "b"], "touch": []}


def test_a_worker_that_was_away_makes_up_for_it(clockwork: Clockwork) -> None:
    """What came due while no worker ran is touched by the next one."""
    clockwork.done = START - timedelta(days=1)
    clockwork.wakeups = [(START - timedelta(hours=3), "a", "")]
    clockwork.waker().process([])
    assert clockwork.touched == ["a"]


def test_nobody_due_is_nothing_written(clockwork: Clockwork) -> None:
    """An idle platform's clock adds nothing to the log."""
    clockwork.waker().process([])
    assert clockwork.log.records == []


def test_a_wakeup_that_became_visible_late_is_found(clockwork: Clockwork) -> None:
    """Its fact was written just after its moment had passed: the clock looks back a little."""
    waker = clockwork.waker()
    waker.process([])
    clockwork.wakeups = [(START - timedelta(seconds=1), "late", "")]
    clockwork.now += timedelta(seconds=1)
    waker.process([])
    assert clockwork.touched == ["late"]


def test_of_whom_a_window_ends_is_looked_at_once(clockwork: Clockwork) -> None:
    """The clock looks back a little at each tick, yet says each moment once."""
    clockwork.flips = [(START, "a"), (START + timedelta(seconds=2), "a"), (START + timedelta(hours=1), "b")]
    waker = clockwork.waker()
    for _ in range(4):
        waker.process([])
        clockwork.now += timedelta(seconds=1)
    assert clockwork.flipped == ["a", "a"]
    assert clockwork.touched == []
