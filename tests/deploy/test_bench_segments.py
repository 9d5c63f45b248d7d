"""`cdp bench segments`: what it makes up is what a platform would hold, and what it says is what happened."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import orjson
import pytest
from rich.console import Console
from typer.testing import CliRunner

from deploy.bench.facts import make_facts
from deploy.bench.mixed import mixed
from deploy.bench.report import Figure, percentile, show
from deploy.bench.scale import Doors, Scale
from deploy.bench.segments import measure
from deploy.bench.traffic import customers_needed
from deploy.bench.watching import Seen
from deploy.cli.__main__ import build
from deploy.errors import CannotStart
from processors.__main__ import door
from projections.database import Database
from projections.facts import Fact, fact_row
from projections.places import Place
from projections.profiles import Terms
from schemas.definitions import check_graph, parse
from schemas.settings import Settings
from schemas.sources import Source
from tests.conftest import StartPlatform
from tests.stack.servers import ClickHouse

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SMALL = Scale(
    customers=300, events=3_000, definitions=10, rate=40, seconds=2, seed=7, window_seconds=6, late_seconds=15,
    questions=2,
)  # fmt: skip
# Made anew at each run, or of no meaning here: hashes of made-up content.
NOT_COMPARED = {"content_hash", "recorded_at"}


@pytest.mark.parametrize("seed", range(5))
def test_definitions_are_valid_and_mixed(seed):
    """Each can be put as it is, refers only to what comes before it, and no kind is most of them."""
    made = mixed(100, seed)
    assert made == mixed(100, seed)
    assert made != mixed(100, seed + 1)
    read = [parse(each.body, each.kind, each.key) for each in made]
    for number in range(1, len(read) + 1):
        assert check_graph(read[:number]) == []
    kinds = Counter(key for each in made for key in each.body.get("where", {"tiers": []}))
    assert len(kinds) >= 8
    assert max(kinds.values()) <= 60


def test_percentiles_are_values_that_were_measured():
    """The smallest that the share does not exceed; of nothing there is none."""
    values = [float(each) for each in range(100, 0, -1)]
    assert [percentile(values, share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert percentile([3.0], 0.5) == 3.0
    assert percentile([], 0.5) != percentile([], 0.5)


def test_delays_are_told_from_messages():
    """An entry is held against when the person's event was sent, an exit against the window's end."""
    seen = Seen("bench_live")
    seen.note(message("ann", "bench_live", to=True, cause="event", ref="e1"), 101.5)
    seen.note(message("ben", "other", to=True, cause="event", ref="e2"), 102)
    assert not seen.is_through(["ann"])
    seen.note(message("ann", "bench_live", to=False, cause="time"), 120.25)
    assert seen.is_through(["ann"])
    assert not seen.is_through(["ann", "ben"])
    assert seen.delays_of_entries({"ann": 101.0, "ben": 101.0}) == [0.5]
    assert seen.delays_of_exits({"ann": 120.0, "ben": 120.0}) == [0.25]
    assert seen.others == 1
    assert (seen.wrong_causes({"ann": "e1"}), seen.wrong_causes({"ann": "e3"})) == (0, 1)


def message(person, key, *, to, cause, ref=None):
    return {"kind": "segment", "key": key, "person_id": person, "to": to, "cause": cause, "cause_ref": ref}


def test_what_cannot_be_measured_is_refused():
    """Before anything is started."""
    told = CliRunner().invoke(build(), ["bench", "segments", "--customers", "100", "--events", "100"])
    assert (told.exit_code, "9,600 customers" in told.output) == (2, True)
    told = CliRunner().invoke(build(), ["bench", "segments", "--customers", "100000", "--events", "100"])
    assert (told.exit_code, "--events" in told.output) == (2, True)
    assert customers_needed(200, 60) == 9_600


@pytest.mark.clickhouse
def test_facts_are_as_the_recorder_writes_them(clickhouse_server: ClickHouse):
    """Each is the row that its event, sent through the door, would have become; the same seed gives the same."""
    rows = facts(clickhouse_server, SMALL)
    assert len(rows) == SMALL.events
    assert {row["subject"] for row in rows} == {f"member_id:b{number}" for number in range(SMALL.customers)}
    assert len({row["type"] for row in rows}) == 13
    for row in rows:
        recorded = as_recorded(row)
        assert {name: row[name] for name in recorded.keys() - NOT_COMPARED} == {
            name: value for name, value in recorded.items() if name not in NOT_COMPARED
        }
    assert facts(clickhouse_server, SMALL) == rows


def facts(server: ClickHouse, scale: Scale):
    database = Database(server.fresh_database())
    make_facts(database, scale, "CNY", "cdp.events.v1", NOW, lambda _: None)
    rows = database.rows("SELECT * EXCEPT recorded_at FROM events ORDER BY log_offset")
    database.close()
    return [{**row, "data": orjson.loads(row["data"])} for row in rows]


def as_recorded(row):
    """The row of the event that says the same."""
    kind, _, value = row["subject"].partition(":")
    sent = {"ids": {kind: value}, **{name: row[name] for name in ("event_id", "type", "channel", "data")}}
    sent["occurred_at"] = row["occurred_at"].isoformat()
    if row["store"]:
        sent["store"] = row["store"]
    admitted = door(Settings(_env_file=None)).admit(orjson.dumps(sent), Source("bench", None, None), NOW)
    place = Place(row["received_at"], 0, row["log_offset"], 0)
    recorded = fact_row(Fact(admitted, "cdp.events.v1", place), "CNY")
    return {**recorded, "utc_offset": row["utc_offset"], "data": orjson.loads(recorded["data"])}


@pytest.mark.platform
async def test_all_phases_on_a_small_platform(start_platform: StartPlatform):
    """Whoever entered left again, every question was answered, and all figures are there; a second run is refused."""
    platform = start_platform()
    address = platform.address
    pids = {each.name: each.pid for each in (platform.ingest, platform.api)}
    doors = Doors(
        platform.ingest_url, "pos", platform.api_url, "all", platform.kafka.address, platform.prefix, address,
        Terms("CNY"), pids,
    )  # fmt: skip
    console = Console(quiet=True)
    report = await measure(doors, SMALL, console)
    show(report, console)
    said = report.counted
    assert said["customers"] == SMALL.customers
    assert said["events to enter by"] == customers_needed(SMALL.rate, SMALL.seconds)
    # On a busy machine somebody may be looked at only when the short window is over, and so never enter.
    assert said["entries never seen"] == said["exits never seen"] < said["events to enter by"]
    assert (said["events refused"], said["questions that failed"]) == (0, 0)
    assert said["memberships"] > SMALL.customers
    assert all(each.value > 0 for each in report.figures)
    assert report.figures[1].share
    assert orjson.loads(report.as_json())["figures"][0]["name"] == "fold of everybody"
    with pytest.raises(CannotStart):
        await measure(doors, SMALL, console)


def test_a_share_says_how_near_the_limit_a_figure_comes():
    """Of a time the limit is the least possible, of a rate the most; without a limit there is no share."""
    assert (Figure("x", 2.0, None, 0.5).share, Figure("x", 2.0).share) == (0.25, None)
    assert Figure("x", 40.0, None, 80.0, "events/s", more=True).share == 0.5


def test_a_target_is_missed_on_its_wrong_side():
    """At most so many seconds, at least so many a second; what is not a number reaches nothing."""
    assert [Figure("x", value, 2.0).misses for value in (1.0, 2.0, 2.1, float("nan"))] == [False, False, True, True]
    assert [Figure("x", value, 2.0, more=True).misses for value in (1.9, 2.0)] == [True, False]
    assert not Figure("x", 5.0).misses
