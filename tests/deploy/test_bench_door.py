"""`cdp bench ingest`, `recorder` and `idle`: whole, at a small scale; what their figures mean, never how fast it is."""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import closing

import orjson
import pytest
from rich.console import Console

from deploy import processes
from deploy.bench.facts import SOURCE
from deploy.bench.idling import IdleScale, proportional_bytes
from deploy.bench.idling import measure as measure_idle
from deploy.bench.ingesting import SHAPES, IngestScale
from deploy.bench.ingesting import measure as measure_ingest
from deploy.bench.mixes import MIXES
from deploy.bench.recording import RecorderScale
from deploy.bench.recording import measure as measure_recorder
from deploy.bench.report import show
from deploy.bench.rounds import Round, each_million, middle
from deploy.bench.scale import Doors
from deploy.ports import pick
from projections.log.admin import LogAdmin
from projections.profiles import Terms
from tests.conftest import StartPlatform

QUIET = Console(quiet=True)


def test_a_median_is_told_of_each_figure():
    """Not the round in the middle: each figure has its own."""
    rounds = [Round(1, {"a": 5}, 0.3, 9), Round(2, {"a": 4}, 0.1, 7), Round(9, {"a": 6}, 0.2, 8)]
    assert middle(rounds) == Round(2, {"a": 5}, 0.2, 8)
    assert each_million({"a": 2.0}, 500_000) == {"a": 4.0}


def test_memory_is_told_of_this_process():
    """Its part of what it shares, so no more than all it holds; who is gone holds nothing."""
    told = proportional_bytes({"me": os.getpid(), "gone": 2**22 + 1})
    assert set(told) == {"me"}
    assert told["me"] > 2**20


@pytest.fixture(scope="module")
def doors(start_platform: StartPlatform, tmp_path_factory: pytest.TempPathFactory) -> Doors:
    """A platform without processors, which the measurement starts."""
    platform = start_platform(
        workers=0,
        CDP_SOURCES=json.dumps({SOURCE: {}}),
        CDP_WRITE_KEYS=json.dumps({SOURCE: "key"}),
    )
    logs = tmp_path_factory.mktemp("worker") / "logs"
    (logs.parent / "run").mkdir()
    url = f"http://127.0.0.1:{pick(())}"
    spec = processes.processors("processors", url, platform.env, logs)
    pids = {"ingest": platform.ingest.pid, "api": platform.api.pid}
    return Doors(
        platform.ingest_url, "key", platform.api_url, "all", platform.kafka.address, platform.prefix, platform.address,
        Terms("CNY"), pids, {"processors": spec},
    )  # fmt: skip


@pytest.mark.platform
async def test_the_recorder_makes_a_fact_of_each_event_and_none_of_a_duplicate(doors: Doors):
    """What was measured is what happened; figures are there for the mix, for duplicates and for the limit."""
    report = await measure_recorder(doors, RecorderScale(2_000, 1_000, 7, ("sessions",)), QUIET)
    show(report, QUIET)
    assert report.counted == {"sessions: facts made": 1_000, "duplicates: facts made": 0}
    figures = {each.name: each for each in report.figures}
    assert {"rows inserted straight", "sessions", "duplicates"} <= set(figures)
    assert all(figures[name].value > 0 for name in ("rows inserted straight", "sessions", "duplicates"))
    assert figures["sessions"].limit == figures["rows inserted straight"].value
    assert figures["sessions CPU of processors"].value > 0


@pytest.mark.platform
async def test_what_ingest_acknowledged_is_in_the_log(doors: Doors):
    """None of the requests is refused; each mix and shape has its figures, with limits of the same run."""
    before = await asyncio.to_thread(logged, doors)
    report = await measure_ingest(doors, IngestScale(0.1, 1, 7), QUIET)
    show(report, QUIET)
    assert report.counted["requests refused"] == 0
    assert await asyncio.to_thread(logged, doors) > before
    figures = {each.name: each for each in report.figures}
    for name in (f"{mix} {shape.name}" for mix in MIXES for shape in SHAPES):
        for part in ("", " ack p50", " ack p99", " CPU a million"):
            assert figures[name + part].value > 0
        assert figures[name].share
        assert figures[f"{name} ack p50"].value <= figures[f"{name} ack p99"].value
    assert orjson.loads(report.as_json())["counted"] == report.counted


def logged(doors: Doors) -> int:
    """How many records there are."""
    with closing(LogAdmin(doors.kafka)) as admin:
        return sum(admin.end_offsets([f"{doors.topic_prefix}cdp.events.v1"]).values())


@pytest.mark.platform
async def test_every_process_counts_while_nothing_arrives(doors: Doors):
    """All is the sum of each, and who looks is among them."""
    report = await measure_idle(doors, IdleScale(0.5, 0), QUIET)
    figures = {each.name: each.value for each in report.figures}
    for what in ("CPU", "memory"):
        parts = [figures[f"{what} of {name}"] for name in ("ingest", "api", "cdp")]
        assert figures[f"{what} of all"] == pytest.approx(sum(parts))
    assert figures["memory of ingest"] > 0.01
