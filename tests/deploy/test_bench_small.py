"""`cdp bench reads` and `rebuild` whole, at a small scale, one after the other on one platform."""

from __future__ import annotations

import json
from contextlib import closing
from hashlib import sha256

import orjson
import pytest
from rich.console import Console

from deploy.bench import reads, rebuild
from deploy.bench.facts import SOURCE
from deploy.bench.report import Report, show
from deploy.bench.scale import Doors
from projections.profiles import Terms
from projections.rebuilding.state import latest
from tests.conftest import StartPlatform
from tests.stack.platforms import Platform

pytestmark = pytest.mark.platform
CUSTOMERS, FACTS = 200, 2_000
QUIET = Console(quiet=True)


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> Platform:
    """One that knows the source of measurements."""
    return start_platform(CDP_WRITE_KEY_HASHES=json.dumps({sha256(SOURCE.encode()).hexdigest(): SOURCE}))


@pytest.fixture
def doors(platform: Platform) -> Doors:
    """Of the platform, which holds no fact: those of the measurement before are gone."""
    with closing(platform.database()) as database:
        database.execute("TRUNCATE TABLE events")
    processes = {"ingest": platform.ingest, "api": platform.api, "clickhouse": platform.clickhouse.process}
    pids = {name: each.pid for name, each in processes.items() if each is not None}
    return Doors(
        platform.ingest_url, SOURCE, platform.api_url, "all", platform.kafka.address, platform.prefix,
        platform.address, Terms("CNY"), pids,
    )  # fmt: skip


def figures(report: Report) -> dict[str, float]:
    """What a report says, which can be shown and written; each is something that was measured."""
    show(report, QUIET)
    written = orjson.loads(report.as_json())
    found = {each["name"]: each["value"] for each in written["figures"]}
    assert all(value > 0 for value in found.values())
    return found


async def test_rebuild(platform, doors):
    """Dossiers come from facts and all of it from the log; every event sent is replayed; nothing is left beside."""
    report = await rebuild.measure(doors, rebuild.Rebuilt(CUSTOMERS, FACTS, 300, 7), QUIET)
    assert set(figures(report)) == {
        "profiles from facts", "exchange of the tables", "RFM boundaries of everybody", "replay of the log",
    }  # fmt: skip
    assert report.counted["events refused"] == 0
    with closing(platform.database()) as database:
        rebuilt = latest(database)
        assert rebuilt is not None
        assert (rebuilt.state, rebuilt.from_log) == ("dropped", True)
        assert database.tuples("SELECT count() FROM profiles FINAL WHERE present = 1") == [(CUSTOMERS,)]
        assert database.tuples("SELECT count() FROM events") == [(FACTS + 300,)]


async def test_reads(doors):
    """Every question is answered, every event taken, and each kind has its figures alone and beside events."""
    scale = reads.Reading(CUSTOMERS, FACTS, 10, rate=20, writes=100, seconds=1, seed=7)
    report = await reads.measure(doors, scale, QUIET)
    found = figures(report)
    for kind in (reads.PROFILE, *reads.OTHERS):
        for how in ("alone", "while events come in"):
            assert 0 < found[f"{kind.name}, {how} p50"] <= found[f"{kind.name}, {how} p99"]
    assert report.counted["questions that failed"] == report.counted["requests with events refused"] == 0
    assert report.counted["facts in the end"] > FACTS
