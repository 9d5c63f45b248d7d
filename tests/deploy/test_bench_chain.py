"""`cdp bench whole`, `latency`, `hot`: what they say of a platform is what its ledger and its answers say."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from deploy.bench import hot, keeping_up, latency, whole
from deploy.bench.growth import growth
from deploy.bench.hot import Hot
from deploy.bench.keeping_up import Passed, catch_up
from deploy.bench.latency import Latency
from deploy.bench.ledger import Chunk, Row, chunks, rounds
from deploy.bench.machine import Machine
from deploy.bench.phases import Phase, Phases
from deploy.bench.preparing import Found, prepared
from deploy.bench.probing import SEGMENT, segment, unprobed
from deploy.bench.report import Figure, Report, show
from deploy.bench.scale import Doors
from deploy.bench.trend import slope
from deploy.bench.whole import Whole
from deploy.cli.__main__ import build
from projections.database import Database
from projections.profiles import Terms
from tests.conftest import StartPlatform
from tests.stack.platforms import Platform

MACHINE = Machine(2, 2**34, 0.0, 500_000.0)
SMALL = Whole(customers=200, facts=2_000, definitions=1, workers=2, mixes=("sessions",), seconds=1, seed=7)
FOLLOWED = ("identity", "touched")


def row(stage: str, place: tuple[str, int], last: int, done: float, **more: Any) -> Row:
    said = {"events": 0, "appended": done - 1, "produced": {}, **more}
    return Row(stage, place, last, done=done, **said)


def recorded(last: int, done: float, produced: dict[tuple[str, int], int]) -> Row:
    return row("recorder", ("events", 0), last, done, produced=produced, events=10)


def test_events_are_current_when_the_last_they_touched_is():
    """Of two partitions of persons the later counts; of a round that went beyond, when that was done."""
    rows = [
        recorded(5, 10.0, {("touched", 0): 3, ("touched", 1): 8}),
        row("profiler", ("touched", 0), 3, 11.0),
        row("profiler", ("touched", 1), 7, 11.0),
        row("profiler", ("touched", 1), 20, 12.5),
    ]
    assert chunks(rows, FOLLOWED, 9.0) == [Chunk(10, 9.0, 9.0, 12.5)]


def test_whom_the_resolver_touches_counts():
    """Events wait for what was weighed, and for whom that touched; dead letters are in no profile."""
    rows = [
        recorded(5, 10.0, {("identity", 0): 2, ("letters", 0): 99}),
        row("resolver", ("identity", 0), 2, 11.0, produced={("touched", 4): 1}),
        row("profiler", ("touched", 4), 1, 13.0),
    ]
    assert [each.current for each in chunks(rows, FOLLOWED, 9.0)] == [13.0]
    assert [each.current for each in chunks(rows[:2], FOLLOWED, 9.0)] == [None]


def test_the_oldest_event_of_a_chunk_came_after_the_chunk_before():
    """In its own partition; and none before it all began."""
    rows = [
        row("recorder", ("events", 0), 5, 10.0, appended=9.5),
        row("recorder", ("events", 0), 9, 12.0, appended=11.5),
        row("recorder", ("events", 1), 4, 14.0, appended=13.5),
    ]
    assert [each.first for each in chunks(rows, FOLLOWED, 8.0)] == [8.0, 9.5, 8.0]
    assert [each.first for each in chunks(rows, FOLLOWED, 11.0)] == [11.0, 11.0]


def test_rounds_for_nobody_are_none():
    """A round writes a range for each partition, and counts its persons once."""
    rows = [
        row("profiler", ("touched", 0), 3, 11.0, events=40),
        row("profiler", ("touched", 1), 3, 11.0),
        row("profiler", ("touched", 0), 4, 12.0),
        row("profiler", ("touched", 0), 9, 13.0, events=20),
    ]
    assert (rounds(rows, 0.0).rounds, rounds(rows, 0.0).persons) == (2, 60)
    assert rounds(rows, 12.0).persons == 20


def test_a_delay_that_grows_is_a_rate_that_is_not_sustained():
    """Half a second more each second: half as much is done as comes. One that shrinks sustains no more than that."""
    assert slope([(0.0, 1.0), (2.0, 2.0), (4.0, 3.0)]) == 0.5
    assert slope([(1.0, 3.0)]) == slope([]) == 0.0
    growing = passed([Chunk(10, at, at, at + at / 2) for at in map(float, range(10))])
    assert growing.sustained(1_000.0) == pytest.approx(500.0)
    assert passed([Chunk(10, at, at, 9.0) for at in map(float, range(9))]).sustained(1_000.0) == 1_000.0


def passed(some: list[Chunk], seconds: float = 1.0) -> Passed:
    return Passed(100, 0, 0.0, 9.0, seconds, some, Phase("", 0.0, {}), 0.0)


def test_what_was_left_at_the_last_202_says_how_fast_it_is_caught_up():
    """Of a backlog of which nearly all was done by then, nothing is said."""
    backlog = Passed(100, 0, 0.0, 4.0, 9.0, [Chunk(50, 0, 1, 3.0), Chunk(50, 1, 2, 9.0)], Phase("", 0.0, {}), 0.0)
    assert backlog.drained == 10.0
    assert replace(backlog, chunks=[Chunk(95, 0, 1, 3.0), Chunk(5, 1, 2, 9.0)]).drained is None


@pytest.mark.parametrize(
    ("overhead", "speed", "sent"),
    [
        (200, 100, [2_000]),
        (10, 500, [2_000, 8_000, 32_000]),
        (5, 5_000, [2_000, 8_000, 32_000, 128_000, 512_000]),
        (1, 100_000, [2_000, 8_000, 32_000, 128_000, 512_000, 1_000_000]),
    ],
)
def test_a_backlog_is_as_large_as_may_take_its_time(
    monkeypatch: pytest.MonkeyPatch, overhead: int, speed: int, sent: list[int]
):
    """Twice the seconds at most, by how much longer the last one took than the one before."""
    asked: list[int] = []

    def through(_chain: object, _mix: str, events: int, *_: object) -> Passed:
        asked.append(events)
        return replace(passed([], overhead + events / speed), events=events)

    monkeypatch.setattr(keeping_up, "_pass", through)
    catch_up(None, "sessions", 60)  # type: ignore[arg-type]
    assert asked == sent


def test_growth_holds_the_most_facts_against_the_fewest():
    """With the same definitions and workers; each figure says what it was measured among."""
    points = [(replace(SMALL, facts=facts), report(facts, cost)) for facts, cost in ((1_000, 10.0), (9_000, 25.0))]
    found = growth([*points, (replace(SMALL, definitions=99), report(2_000, 1.0))])
    cost = found.figures[-1]
    assert (cost.value, cost.misses) == (2.5, True)
    assert [figure.value for figure in found.figures[:-1]] == [10.0, 25.0, 1.0]
    assert "9,000 facts, 1 definitions, 2 workers" in found.figures[1].name
    assert found.scale["facts"] == "1,000 | 9,000 | 2,000"
    show(found, Console(quiet=True))


def report(facts: int, cost: float) -> Report:
    figures = [Figure("CPU of all processes, 1 M events, sessions", cost), Figure("delay grows at 90%, sessions", 0.0)]
    return Report(MACHINE, replace(SMALL, facts=facts).said(), figures, {}, [], {}, {})


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["latency", "--facts", "1000"], "48,000 facts"),
        (["hot", "--facts", "1000", "--events", "501"], "copies of others"),
        (["hot", "--facts", "10000", "--events", "500"], "12,000 facts"),
        (["whole", "--facts", "10"], "--facts"),
    ],
)
def test_what_cannot_be_measured_is_refused(argv: list[str], said: str):
    """Before anything is started, with what is needed."""
    told = CliRunner().invoke(build(), ["bench", *argv])
    assert (told.exit_code, said in told.output) == (2, True)


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> Platform:
    """Two workers share its partitions."""
    return start_platform(workers=2)


@pytest.fixture(scope="module")
def doors(platform: Platform) -> Doors:
    """As a measurement sees it."""
    pids = {each.name: each.pid for each in (platform.ingest, platform.api, *platform.workers)}
    terms = Terms("CNY", "Asia/Shanghai", {})
    urls = (platform.ingest_url, "pos", platform.api_url, "all", platform.kafka.address, platform.prefix)
    return Doors(*urls, platform.address, terms, pids)


@pytest.mark.platform
async def test_all_three_on_a_small_platform(doors: Doors, platform: Platform):
    """What was sent is what came through, every figure was measured, and a customer with many events is one of many."""
    one = Latency(SMALL.customers, SMALL.facts, SMALL.definitions, 2, ("scattered",), 500, 1, SMALL.seed, (0.5,))
    heavy = Hot(SMALL.customers, SMALL.facts, 500, SMALL.definitions, 100, 1, SMALL.seed, turns=1)
    phases, found, customers = Phases(Console(quiet=True), doors.pids), Found(MACHINE), unprobed(SMALL.scale)
    with prepared(doors, SMALL.scale, phases, [segment()]) as chain:
        whole.measure_on(chain, SMALL, found)
        with closing(Database(doors.clickhouse)) as database:
            sent = found.counted["facts in the end"] - SMALL.facts
            assert sent == database.tuples("SELECT count() FROM events WHERE source = 'pos'")[0][0] > 2_000
        await latency.measure_on(chain, one, found, customers)
        await hot.measure_on(chain, heavy, found, customers)
    assert all(figure.value > 0 for figure in found.figures if "delay grows" not in figure.name)
    assert {name for name, count in found.counted.items() if "refused" in name and count} == set()
    probed = sum(count for name, count in found.counted.items() if name.startswith("probes") and "seen" not in name)
    unseen = sum(count for name, count in found.counted.items() if "seen" in name)
    members = platform.ask(f"/v1/segments/{SEGMENT}/members", limit=200)
    assert (len(members["data"]), unseen) == (probed, 0)
    dossier = platform.ask(f"/v1/profiles/{heavy.address}")
    assert dossier["interactions"]["count"] > 300
    assert dossier["orders"]["count"] > 10
