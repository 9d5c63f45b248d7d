"""Dead letters are looked at, mended and replayed, once each; and the way of every event can be followed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from tests.conftest import StartPlatform
from tests.e2e.events import completed, viewed
from tests.e2e.letters import command, letters, order, position, write
from tests.stack.platforms import Json, Platform

pytestmark = pytest.mark.platform

TO_CNY = [{"op": "replace", "path": "/data/currency", "value": "CNY"}]


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> Platform:
    """One platform; every test has a source or codes of its own."""
    return start_platform(CDP_DEAD_LETTERS__RETENTION_DAYS="1", CDP_DEAD_LETTERS__REPLAY_RATE="100000")


def yuan(who: str, number: int, currency: str = "YUAN") -> Json:
    """An order in a currency that is none."""
    event = completed(who, f"{who}-{number}", "10.00")
    return {**event, "data": {**event["data"], "currency": currency}}


def refuse(platform: Platform, *events: Json, source: str = "pos") -> str:
    """Send events that are all refused; gives the position of their letters."""
    answer = platform.post(list(events), source)
    assert (answer.status_code, answer.json()["rejected"]) == (422, len(events)), answer.text
    return str(answer.json()["position"])


def orders(platform: Platform, who: str, after: str) -> int:
    found = platform.get(f"/v1/profiles/member_id:{who}", after=after)
    return int(found.json()["orders"]["count"]) if found.status_code == 200 else 0


def test_a_group_is_mended_by_a_patch_and_replayed_once(platform: Platform) -> None:
    """Dry run, replay, replay again: what would pass, what passes, and nothing more."""
    hopeless = {**yuan("MEND", 9), "type": "order.dreamt"}
    after = refuse(platform, *(yuan("MEND", n) for n in range(5)), hopeless)
    [group] = platform.ask("/v1/dead-letters/groups", code="invalid_currency", after=after)["data"]
    assert (group["count"], group["open"], group["pointer"]) == (5, 5, "/data/currency")
    sample = platform.ask(f"/v1/dead-letters/{group['samples'][0]['letter_id']}")
    assert (json.loads(sample["original"])["data"]["currency"], sample["repaired"]) == ("YUAN", None)

    everything = {"filter": {"source": "pos"}, "patch": TO_CNY}
    tried = order(platform, "/replay", {**everything, "dry_run": True})
    assert {n: tried[n] for n in ("matched", "passing", "replayed", "failed")} == {
        "matched": 6, "passing": 5, "replayed": 0, "failed": 1,
    }  # fmt: skip
    assert [(each["code"], each["pointer"]) for each in tried["failing"]] == [("unknown_type", "/type")]
    assert orders(platform, "MEND", after) == 0

    done = order(platform, "/replay", everything)
    assert (done["matched"], done["replayed"], len(done["failing"])) == (6, 5, 1)
    assert orders(platform, "MEND", done["position"]) == 5
    again = order(platform, "/replay", everything)
    assert (again["matched"], again["replayed"]) == (1, 0)
    assert orders(platform, "MEND", done["position"]) == 5

    followed = platform.ask("/v1/events/pos/MEND:MEND-0:completed")
    assert (followed["status"], followed["person_id"] is not None) == ("repaired", True)
    [letter] = followed["dead_letters"]
    assert (letter["code"], letter["repaired"]["replay_id"]) == ("invalid_currency", done["replay_id"])
    assert {"received", "recorded", "dead", "repaired"} <= {step["step"] for step in followed["steps"]}
    assert len(letters(platform, code="invalid_currency", state="repaired")) == 5
    assert letters(platform, code="invalid_currency", state="open") == []


def test_every_order_is_on_record(platform: Platform) -> None:
    """Who, when, which letters, which patch, what came of it; refused keys leave nothing."""
    after = refuse(platform, yuan("AUDIT", 1), source="shop")
    asked = {"filter": {"source": "shop", "code": "invalid_currency"}, "patch": TO_CNY}
    order(platform, "/replay", asked, key="crm", status=403)
    platform.ask("/v1/dead-letters", after=after)
    done = order(platform, "/replay", asked, key="operator")
    order(platform, "/replay", {**asked, "dry_run": True}, key="operator")
    resumed = order(platform, "/breaker:resume", {}, key="operator")["position"]
    newest, said = platform.ask("/v1/dead-letters/orders", after=resumed)["data"][:2]
    assert (newest["kind"], newest["by"]) == ("resume", "operator")
    assert (said["kind"], said["by"], said["order_id"], said["state"]) == (
        "replay", "operator", done["replay_id"], "done",
    )  # fmt: skip
    assert (said["filter"], said["patch"]) == (asked["filter"], TO_CNY)
    assert (said["matched"], said["replayed"], said["failed"]) == (1, 1, 0)


def test_what_was_written_to_kafka_is_replayed_in_its_version(platform: Platform) -> None:
    """Under its own source, by topic, partition and offset; its bytes were kept as they lay there."""
    old = {
        "event_id": "old-1", "type": "product.viewed", "time": "2026-01-01T08:00:00+08:00",
        "customer": {"member_id": "OLD"}, "data": {"sku": ""},
    }  # fmt: skip
    raw = json.dumps(old, indent=2).encode() + b"\n"
    placed = write(platform, [raw], version="0")
    [letter] = letters(platform, position(platform, placed), source="kiosk")
    assert (letter["pointer"], letter["original"].encode()) == ("/data/sku", raw)
    where = {"topic": letter["topic"], "partition": letter["partition"], "offset": letter["offset"]}
    assert (where["partition"], where["offset"]) == (placed[0].partition, placed[0].offset)
    patch = [{"op": "replace", "path": "/data/sku", "value": "P-1"}]
    done = order(platform, "/replay", {"filter": where, "patch": patch})
    assert (done["matched"], done["replayed"], done["failing"]) == (1, 1, [])
    [event] = platform.ask("/v1/profiles/member_id:OLD/events", after=done["position"])["data"]
    assert (event["source"], event["event_id"], event["data"]["sku"]) == ("kiosk", "old-1", "P-1")


def test_an_id_that_was_taken_needs_another(platform: Platform) -> None:
    """Replayed as it is, it would lose again: the dry run says so; under a new id it passes."""
    platform.send(completed("CON", "c1", "1.00"), source="app")
    after = platform.send(completed("CON", "c1", "2.00"), source="app")
    wanted = {"filter": {"source": "app", "code": "id_conflict"}}
    platform.ask("/v1/dead-letters", after=after)
    refused = order(platform, "/replay", wanted)
    assert [(each["code"], each["pointer"]) for each in refused["failing"]] == [("id_conflict", "/event_id")]
    followed = platform.ask("/v1/events/app/CON:c1:completed")
    assert followed["status"] == "recorded"
    assert followed["dead_letters"][0]["conflicts_with"] == followed["position"]
    patch = [
        {"op": "replace", "path": "/event_id", "value": "c2"},
        {"op": "replace", "path": "/data/order_id", "value": "c2"},
    ]
    done = order(platform, "/replay", {**wanted, "patch": patch})
    assert orders(platform, "CON", done["position"]) == 2
    assert platform.ask("/v1/events/app/c2")["status"] == "repaired"
    assert platform.ask("/v1/events/app/CON:c1:completed")["status"] == "recorded"


BAD_ORDERS: list[tuple[str, Any, int, str]] = [
    ("/replay", {"filter": {"nonsense": 1}}, 400, "bad_parameter"),
    ("/replay", {"patch": [{"op": "dance", "path": ""}]}, 400, "bad_parameter"),
    ("/replay", {"patch": [{"op": "add", "path": "/x", "value": 1}] * 101}, 400, "bad_parameter"),
    ("/replay", [], 400, "unreadable_body"),
    ("/replay", {"cursor": "x"}, 400, "bad_cursor"),
    ("/purge", {"older_than_days": 0.5}, 422, "not_old_enough"),
    ("/breaker:resume", {"seconds": -1}, 400, "bad_parameter"),
]


@pytest.mark.parametrize(("path", "body", "status", "code"), BAD_ORDERS, ids=str)
def test_a_bad_order_changes_nothing(platform: Platform, path: str, body: Any, status: int, code: str) -> None:
    """Problem+json that says what is wrong with it."""
    assert order(platform, path, body, status=status)["code"] == code


def test_only_what_is_older_than_the_retention_is_purged(platform: Platform) -> None:
    """Those that are go from ClickHouse; the order stays."""
    after = refuse(platform, yuan("PURGE", 1), source="shop")
    platform.ask("/v1/dead-letters", after=after)
    kept = {each["letter_id"] for each in letters(platform)}
    database = platform.database()
    old = {"letter_id": "log-0-0-0", "code": "unreadable", "received_at": datetime.now(UTC) - timedelta(hours=25)}
    database.insert("dead_letters", {name: [value] for name, value in old.items()})
    database.close()
    assert order(platform, "/purge", {"older_than_days": 2})["matched"] == 0
    assert order(platform, "/purge", {"dry_run": True})["matched"] == 1
    assert "1 are deleted" in command(platform, "purge", "--yes")
    done = order(platform, "/purge", {})
    assert done["matched"] in {0, 1}  # until the governor has read the order
    after = order(platform, "/breaker:resume", {})["position"]
    assert platform.ask("/v1/dead-letters/orders", after=after)["data"]
    assert {each["letter_id"] for each in letters(platform)} == kept


def test_the_command_does_the_same(platform: Platform) -> None:
    """Groups, list, show, dry run and replay, as an operator would go."""
    after = refuse(platform, *(yuan("CMD", n, "RMB¥") for n in range(3)), source="app")
    platform.ask("/v1/dead-letters", after=after)
    [group] = json.loads(command(platform, "groups", "--source", "app", "--code", "invalid_currency", "--json"))["data"]
    letter = group["samples"][0]["letter_id"]
    assert letter in command(platform, "list", "--fingerprint", group["fingerprint"], "--source", "app")
    assert "RMB¥" in command(platform, "show", letter)
    chosen = ("replay", "--fingerprint", group["fingerprint"], "--source", "app")
    assert "3 letters match: 0 would pass, 3 still fail" in command(platform, *chosen, "--dry-run", code=1)
    mended = (*chosen, "--patch", json.dumps(TO_CNY))
    assert "3 would pass" in command(platform, *mended, "--dry-run")
    assert "3 were replayed" in command(platform, *mended, "--yes")
    assert orders(platform, "CMD", after) == 3
    assert "0 letters match" in command(platform, *mended, "--yes")
    assert "closed" in command(platform, "breaker")
    assert "replay by all" in command(platform, "orders")


def test_the_whole_way_of_an_event_can_be_followed(platform: Platform) -> None:
    """Received, recorded, folded, with times in their order; its duplicates, and what changed for it."""
    event = viewed("WAY", "way-1")
    platform.send(event)
    platform.send(event)
    after = platform.send(event)
    found = platform.ask("/v1/events/pos/way-1", after=after)
    steps = {step["step"]: step["at"] for step in found["steps"]}
    assert list(steps) == ["received", "recorded", "profile_updated"]
    assert steps["received"] <= found["position"]["appended_at"] <= steps["recorded"] <= steps["profile_updated"]
    assert found["person_id"] == platform.ask("/v1/profiles/member_id:WAY")["person_id"]
    assert len(found["duplicates"]) == 2
    assert {each["cause_ref"] for each in found["changes"]} == {"way-1"}
    assert "lifecycle" in {each["key"] for each in found["changes"]}
    platform.send({
        "event_id": "way-2", "type": "event.voided", "occurred_at": "2026-01-01T09:00:00+08:00",
        "data": {"event_id": "way-1"},
    })  # fmt: skip
    gone = platform.ask("/v1/events/pos/way-1", after=platform.send(viewed("WAY", "way-3")))
    assert (gone["status"], gone["voided_by"]) == ("voided", ["way-2"])


def test_what_is_not_recorded_yet_is_found_in_the_log(platform: Platform) -> None:
    """While the processors are away: where it waits, and how much is before it; those refused at ingest, too."""
    [worker] = platform.workers
    worker.stop()
    first = platform.send(viewed("LATE", "late-1"))
    platform.send(viewed("LATE", "late-2"))
    refuse(platform, yuan("LATE", 1), source="shop")
    found = platform.ask("/v1/events/pos/late-2")
    assert (found["status"], found["position"]["records_ahead"]) == ("received", 1)
    assert [step["step"] for step in found["steps"]] == ["received"]
    dead = platform.ask("/v1/events/shop/LATE:LATE-1:completed")
    assert (dead["status"], dead["dead_letters"][0]["code"]) == ("dead", "invalid_currency")
    assert orjson.loads(dead["dead_letters"][0]["original"]) == yuan("LATE", 1)
    assert platform.get("/v1/events/pos/never").status_code == 404
    worker.start()
    assert platform.ask("/v1/events/pos/late-1", after=first)["status"] == "recorded"
