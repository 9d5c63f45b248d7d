"""100 % poison: the breaker trips, ingest goes on, no restart drains the log into dead letters, one command resumes."""

from __future__ import annotations

from collections.abc import Iterable

import orjson
import pytest

from tests.conftest import StartPlatform
from tests.e2e.events import viewed
from tests.e2e.letters import command, letters, order, position, write
from tests.stack.platforms import Json, Platform
from tests.stack.waiting import until

pytestmark = pytest.mark.platform

RUN = 40
BUNDLE = 10


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> Platform:
    """Two workers, and a breaker that trips early."""
    return start_platform(
        workers=2,
        CDP_DEAD_LETTERS__BREAKER_RUN=str(RUN),
        CDP_DEAD_LETTERS__BREAKER_EVENTS="200",
        CDP_DEAD_LETTERS__BREAKER_SECONDS="3600",
    )


def bundles(events: Iterable[Json]) -> list[bytes]:
    """Events as records of some each."""
    raw = [orjson.dumps(each) for each in events]
    return [b"\n".join(raw[n : n + BUNDLE]) for n in range(0, len(raw), BUNDLE)]


def poison(count: int, name: str) -> list[bytes]:
    return bundles({**viewed("POISON", f"{name}-{n}"), "type": "product.gazed_at"} for n in range(count))


def breaker(platform: Platform) -> Json:
    return platform.ask("/v1/dead-letters/breaker")


def held(platform: Platform) -> Json:
    """The breaker once it is open."""
    return until(lambda: (said := breaker(platform))["state"] == "open" and said, "the breaker trips")


def test_poison_holds_the_recorder_until_one_command(platform: Platform) -> None:
    """What was acknowledged meanwhile is recorded afterwards, every poisoned event is a letter, each once."""
    platform.ask("/v1/profiles/member_id:BEFORE", after=platform.send(viewed("BEFORE", "before")))
    placed = write(platform, poison(2_000, "p"), source="kiosk")
    said = held(platform)
    assert {each["reason"] for each in said["holds"]} <= {"run", "ratio"}
    assert said["holds"][0]["codes"].keys() == {"unknown_type"}
    assert "held by its breaker" in command(platform, "breaker", code=3)

    # Ingest goes on, and so do all other stages: what operators say is heard.
    waiting = platform.send(*(viewed("MEANWHILE", f"m-{n}") for n in range(20)))
    assert platform.get("/v1/rfm", after=waiting, timeout="0").status_code == 504
    heard = order(platform, "/purge", {"dry_run": True})
    assert heard["purged"] == 0
    assert all(worker.alive for worker in platform.workers)
    assert any("the recorder stands" in worker.log for worker in platform.workers)

    # Restarts begin no new window.
    for worker in platform.workers:
        worker.kill()
        worker.start()
    held(platform)
    assert len(letters(platform, source="kiosk")) <= 2 * RUN  # two workers may look at the same time

    assert "goes on" in command(platform, "resume")
    found = letters(platform, position(platform, placed), source="kiosk")
    assert {each["code"] for each in found} == {"unknown_type"}
    assert len(found) == len({each["letter_id"] for each in found}) == 2_000
    assert platform.ask("/v1/profiles/member_id:MEANWHILE", after=waiting)["interactions"]["count"] == 20
    assert breaker(platform) == {"state": "closed", "since": None, "holds": []}
    last = platform.ask("/v1/dead-letters/orders")["data"][0]
    assert (last["kind"], last["by"]) == ("resume", "all")


def test_after_a_bad_deploy_is_mended_everything_is_recorded(platform: Platform) -> None:
    """A release that knows a source no more refuses all of it: the next one records it, and what died is replayed."""
    platform.workers.pop().stop()
    [worker] = platform.workers
    good = worker.env
    worker.stop()
    worker.env = {**good, "CDP_SOURCES": '{"app": {"orders_of": "shop"}}'}
    worker.start()
    events = bundles(viewed("DEPLOY", f"d-{n}") for n in range(1_000))
    few = write(platform, events[:3], source="kiosk")
    assert len(letters(platform, position(platform, few), source="kiosk", code="unknown_source")) == 3 * BUNDLE
    placed = write(platform, events[3:], source="kiosk")
    assert held(platform)["holds"][0]["codes"].keys() == {"unknown_source"}
    worker.stop()
    worker.env = good
    worker.start()
    after = position(platform, placed)
    died = letters(platform, after, source="kiosk", code="unknown_source")
    assert 3 * BUNDLE <= len(died) <= 2 * RUN
    recorded = platform.ask("/v1/profiles/member_id:DEPLOY", after=after)["interactions"]["count"]
    assert recorded == 1_000 - len(died)
    done = order(platform, "/replay", {"filter": {"code": "unknown_source"}})
    assert (done["replayed"], done["failed"]) == (len(died), 0)
    found = platform.ask("/v1/profiles/member_id:DEPLOY", after=done["position"])
    assert found["interactions"]["count"] == 1_000
    assert breaker(platform)["state"] == "closed"
