"""Sources on a running platform: keys that come and go, sources declared while it runs, contracts and scorecards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner

from deploy.cli.__main__ import build
from projections.log.consumer import LogTail
from tests.e2e.events import viewed
from tests.e2e.letters import letters, order, position, write
from tests.stack.platforms import Json, Platform
from tests.stack.waiting import until

pytestmark = pytest.mark.platform

PHONE = "13912345678"


def ask(platform: Platform, method: str, path: str, body: Json | None = None, status: int = 200) -> Json:
    """What the API answers about sources."""
    answer = platform.http.request(
        method, f"{platform.api_url}/v1/sources{path}", json=body, headers={"Authorization": "Bearer all"}
    )
    assert answer.status_code == status, answer.text
    said: Json = answer.json()
    return said


def make_key(platform: Platform, source: str, **grants: Any) -> Json:
    return ask(platform, "POST", f"/{source}/keys", grants, 201)


def taken(platform: Platform, key: str, *events: Json) -> httpx2.Response:
    return platform.post(list(events), headers={"Authorization": f"Bearer {key}"})


def command(platform: Platform, *arguments: str) -> str:
    told = typed(platform, *arguments)
    assert told.exit_code == 0, (told.output, told.exception)
    return str(told.stdout)


def typed(platform: Platform, *arguments: str) -> Any:
    return CliRunner().invoke(build(), [*arguments, "--url", platform.api_url, "--key", "all"])


def contract(platform: Platform, source: str, **said: Any) -> None:
    """Put a contract in force, and wait until it is."""
    ask(platform, "PUT", f"/{source}/contract", said, 202)
    until(lambda: in_force(platform, source) == {**said, "source": source}, "the contract is in force")


def in_force(platform: Platform, source: str) -> Json:
    """The contract that counts now."""
    answer = platform.http.get(f"{platform.api_url}/v1/sources/{source}", headers={"Authorization": "Bearer all"})
    said: Json = answer.json()
    return said.get("contract") or {}


@pytest.fixture
def rejects(platform: Platform) -> Iterator[LogTail]:
    """What producers are told from now on."""
    with closing(LogTail(platform.kafka.address, platform.topic("rejects"))) as tail:
        yield tail


def test_a_key_is_taken_within_seconds_and_after_a_restart(platform: Platform) -> None:
    """Ingest follows the control topic while it runs, and has read it before it answers anybody after a start."""
    made = make_key(platform, "till", label="till 7", types=["page.viewed", "product.viewed"])
    until(lambda: taken(platform, made["key"], viewed("T1", "t1")).status_code == 202, "the key is taken")
    platform.ingest.kill()
    platform.ingest.start()
    assert taken(platform, made["key"], viewed("T1", "t2")).status_code == 202
    assert taken(platform, made["key"] + "x", viewed("T1", "t3")).status_code == 401
    [shown] = ask(platform, "GET", f"/till/keys?after={made['position']}&timeout=30")["data"]
    assert (shown["key_id"], shown["state"], shown["label"], shown["author"]) == (
        made["key_id"], "active", "till 7", "all",
    )  # fmt: skip
    kept = platform.database().rows("SELECT value FROM controls WHERE kind = 'write_key'")
    assert made["key"] not in json.dumps([shown, kept], default=str)


def test_a_rotation_has_two_keys_until_the_old_one_is_disabled(platform: Platform) -> None:
    """What the old one may do, the new one may; a disabled one does not come back."""
    old = make_key(platform, "rotated", rate=1000)
    new = until(lambda: rotated(platform, old), "the old key can be rotated")
    until(lambda: taken(platform, new["key"], viewed("R1", "r1")).status_code == 202, "the new key is taken")
    first = taken(platform, old["key"], viewed("R1", "r2"))
    assert (first.status_code, first.headers["RateLimit-Policy"]) == (202, '"write-key";q=1000;qu="events";w=1')
    assert new["replaces"]["state"] == "expiring"
    disabled = ask(platform, "POST", f"/rotated/keys/{old['key_id']}:disable")
    assert disabled["state"] == "disabled"
    until(lambda: taken(platform, old["key"], viewed("R1", "r3")).status_code == 401, "the old key is disabled")
    assert taken(platform, new["key"], viewed("R1", "r4")).status_code == 202
    ask(platform, "GET", f"/rotated/keys?after={disabled['position']}&timeout=30")
    ask(platform, "PATCH", f"/rotated/keys/{old['key_id']}", {"rate": 5}, 404)


def rotated(platform: Platform, old: Json) -> Json:
    """The answer to a rotation, once the API knows the key."""
    answer = platform.http.post(
        f"{platform.api_url}/v1/sources/rotated/keys/{old['key_id']}:rotate",
        json={"overlap_seconds": 3600},
        headers={"Authorization": "Bearer all"},
    )
    said: Json = answer.json()
    return said if answer.status_code == 201 else {}


def test_a_source_made_now_may_write_to_kafka_at_once(platform: Platform) -> None:
    """What is appended after the key is known to the recorder, however soon; what came before is a dead letter."""
    early = write(platform, [json.dumps(viewed("K1", "early")).encode()], source="robot")
    make_key(platform, "robot")
    placed = write(platform, [json.dumps(viewed("K1", f"late-{n}")).encode() for n in range(8)], source="robot")
    events = platform.ask("/v1/profiles/member_id:K1/events", after=position(platform, [*early, *placed]))["data"]
    assert {each["event_id"] for each in events} == {f"late-{n}" for n in range(8)}
    assert [each["event_id"] for each in letters(platform, source="robot")] == ["early"]


def test_what_is_set_aside_is_told_and_replayed_once_the_contract_is_gone(
    platform: Platform, rejects: LogTail, tmp_path: Path
) -> None:
    """The channel's part was done with 202; the producer hears of it, without anything of the customer."""
    file = tmp_path / "shop.yaml"
    file.write_text("source: shop\nmode: quarantine\nevents:\n  product.viewed:\n    required: [store]\n", "utf-8")
    assert "is version" in command(platform, "contracts", "apply", str(file))
    until(lambda: in_force(platform, "shop"), "the contract is in force")
    event = {**viewed("Q1", "q1"), "ids": {"member_id": "Q1", "phone": PHONE}}
    after = platform.send(event, source="shop")
    [letter] = letters(platform, after=after, source="shop")
    assert (letter["code"], letter["pointer"], letter["event_id"]) == ("contract_quarantine", "/store", "q1")
    told = until(lambda: [v for v in rejects.values(1) if b'"source":"shop"' in v], "the producer is told")
    assert PHONE.encode() not in told[0]
    assert json.loads(told[0])["letter_id"] == letter["letter_id"]
    assert order(platform, "/replay", {"filter": {"source": "shop"}, "dry_run": True})["failed"] == 1
    assert "two seconds" in command(platform, "contracts", "delete", "shop")
    done = until(lambda: replayed(platform), "nothing keeps it out")
    [found] = platform.ask("/v1/profiles/member_id:Q1/events", after=done["position"])["data"]
    assert found["event_id"] == "q1"


def replayed(platform: Platform) -> Json:
    """What a replay answers, once it lets anything in."""
    done = order(platform, "/replay", {"filter": {"source": "shop"}})
    return done if done["replayed"] else {}


def test_what_is_blocked_is_heard_where_it_comes_in(platform: Platform) -> None:
    """And judged the same when it is written to Kafka."""
    contract(platform, "kiosk", mode="block", types=["order.*"])
    placed = write(platform, [json.dumps(viewed("B1", "b1")).encode()], source="kiosk")
    [letter] = letters(platform, after=position(platform, placed), source="kiosk", code="contract_violation")
    assert (letter["origin"], letter["pointer"]) == ("recorder", "/type")
    key = make_key(platform, "kiosk")["key"]
    answer = until(lambda: refused(platform, key, viewed("B1", "b2")), "the contract is heard")
    assert [each["code"] for each in answer["errors"]] == ["contract_violation"]


def refused(platform: Platform, key: str, event: Json) -> Json:
    """What ingest says of an event it does not take; nothing for any other answer."""
    answer = taken(platform, key, event)
    said: Json = answer.json()
    return said if answer.status_code == 422 else {}


def test_a_scorecard_has_the_figures_of_what_was_sent(platform: Platform) -> None:
    """Each event counts once, however often it came; personal data in text is found, and not shown."""
    rated = {"scale": "csat", "score": 5, "comment": f"call {PHONE}"}
    review = {**viewed("S1", "s1"), "type": "feedback.rated", "data": rated}
    platform.send(review, viewed("S1", "s2"), source="app")
    platform.post([{**viewed("S1", "s4"), "ids": {}}], source="app")
    expected = {"least": 50, "within": "2h"}
    rules = {"product.viewed": {"required": ["store"]}}
    contract(platform, "app", mode="count", expected=expected, silence_after="1d", events=rules)
    platform.send(viewed("S1", "s2"), source="app")
    after = platform.send(viewed("S1", "s3"), source="app")
    said = platform.ask("/v1/sources/app", after=after)
    figures = ("events", "refused", "pass_rate", "duplicates", "unknown_identifiers", "personal_data_in_text")
    assert [said[name] for name in figures] == [3, 1, 0.75, 1, 1, 1]
    assert (said["contract_counted"], said["silent"], said["expected"]["state"]) == (1, False, "too_few")
    assert [(each["pointer"], each["events"]) for each in said["broken"]] == [("/store", 1)]
    types = {each["type"]: each for each in said["types"]}
    assert types["product.viewed"]["events"] == 2
    assert {each["field"]: each["coverage"] for each in types["feedback.rated"]["fields"]} == dict.fromkeys(rated, 1.0)
    assert {"type": "feedback.rated", "field": None} in [
        {"type": each["type"], "field": each["field"]} for each in said["new"]
    ]
    assert said["newly_seen"] == len(said["new"])
    assert PHONE not in json.dumps(said)
    first = platform.ask("/v1/sources", limit=1)
    after_first = platform.ask("/v1/sources", limit=1, cursor=first["next_cursor"])
    every = platform.ask("/v1/sources", limit=200)["data"]
    assert [each["data"][0]["source"] for each in (first, after_first)] == [each["source"] for each in every[:2]]
    assert every[0]["source"] == "app"
    assert first["data"][0]["events"] == 3
    assert "too_few" in command(platform, "sources", "list")
    assert "/store" in command(platform, "sources", "show", "app")


def test_the_command_makes_and_lists_keys(platform: Platform) -> None:
    """As its users type it."""
    said = json.loads(command(platform, "sources", "create", "typed", "--rate", "5", "--type", "order.*", "--json"))
    listing = ("sources", "keys", "typed", "--json")  # until the API has heard of the source it says 404
    until(lambda: said["key_id"] in typed(platform, *listing).stdout, "the key is listed")
    assert "taken no more" in command(platform, "sources", "disable", "typed", said["key_id"])


def test_a_simulated_mall_lands_and_gives_its_keys_back(platform: Platform) -> None:
    """Every event is accepted, twice the same changes nothing, and no key of it is left."""
    options = ("--customers", "20", "--rate", "400", "--from", "2026-11-01", "--for", "1", "--seed", "3")
    said = [command(platform, "simulate", *options, "--ingest-url", platform.ingest_url) for _ in range(2)]
    assert [" 0 rejected" in each for each in said] == [True, True]
    keys = ask(platform, "GET", "/mall-pos/keys")["data"]
    assert [each["state"] for each in keys] == ["disabled", "disabled"]
    cards = {each["source"]: each for each in until(lambda: doubled(platform), "the second run has arrived")}
    assert cards["mall-pos"]["events"] > 10
    assert cards["mall-pos"]["conflicts"] == 0


def doubled(platform: Platform) -> list[Json]:
    """The scorecards, once the mall's events have come twice."""
    cards: list[Json] = platform.ask("/v1/sources")["data"]
    return cards if any(each["source"] == "mall-pos" and each["duplicates"] > 10 for each in cards) else []


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/Bad.Name/keys", {}, 400, "bad_parameter"),
        ("POST", "/operator/keys", {}, 400, "bad_parameter"),
        ("POST", "/pos/keys", {"types": ["order"]}, 400, "bad_parameter"),
        ("POST", "/pos/keys", {"origins": ["shop.example"]}, 400, "bad_parameter"),
        ("PUT", "/pos/contract", {"mode": "drop"}, 422, "invalid_contract"),
        ("PUT", "/pos/contract", {"source": "shop"}, 422, "invalid_contract"),
        ("GET", "/nobody", None, 404, "not_found"),
        ("GET", "/nobody/contract", None, 404, "not_found"),
    ],
)
def test_what_cannot_be_is_refused(
    platform: Platform, method: str, path: str, body: Json | None, status: int, code: str
) -> None:
    """With the code and a sentence of what to do."""
    assert ask(platform, method, path, body, status)["code"] == code


def test_a_key_of_the_settings_is_changed_in_the_settings(platform: Platform) -> None:
    """It is listed, under an id made of its hash, and not for the API to take away."""
    [settled] = [each for each in ask(platform, "GET", "/pos/keys")["data"] if each["from"] == "settings"]
    assert ask(platform, "POST", f"/pos/keys/{settled['key_id']}:disable", None, 409)["code"] == "set_in_settings"
    keys = platform.http.get(f"{platform.api_url}/v1/sources/pos/keys", headers={"Authorization": "Bearer crm"})
    assert keys.status_code == 403


def test_the_log_gives_the_same_facts_again(platform: Platform) -> None:
    """Read anew, each event meets the contract of its time and the sources that were declared by then."""
    said(platform, "stranger")
    make_key(platform, "ledger")
    said(platform, "promised nothing")
    contract(platform, "ledger", mode="block", types=["order.*"])
    platform.ask("/v1/dead-letters", after=said(platform, "broke its promise"))
    told = in_directory(platform, "verify", "--url", platform.api_url, "--key", "all", "--customers", "50")
    assert [line[0] for line in told.splitlines() if line[0] in "✓✗"] == ["✓"] * 4, told
    before = facts(platform)
    assert {event_id for source, event_id in before if source == "ledger"} == {"promised nothing"}
    assert "Exchanged" in in_directory(platform, "rebuild", "profiles", "--from-log", "--yes")
    assert facts(platform) == before


def said(platform: Platform, event_id: str) -> str:
    """An event of the source `ledger`, written to Kafka; gives its position."""
    placed = write(platform, [json.dumps(viewed("L1", event_id)).encode()], source="ledger")
    return position(platform, placed)


def facts(platform: Platform) -> set[tuple[str, str]]:
    """Source and id of each event that was recorded."""
    with closing(platform.database()) as database:
        rows = database.rows("SELECT DISTINCT toString(source) AS source, event_id FROM events")
        return {(row["source"], row["event_id"]) for row in rows}


def in_directory(platform: Platform, *arguments: str) -> str:
    """A command that works on the platform's servers."""
    env = {**platform.env, "CDP_DATA_DIR": str(platform.directory / "data")}
    told = CliRunner().invoke(build(), arguments, env=env)
    assert told.exit_code == 0, (told.output, told.exception)
    return told.output
