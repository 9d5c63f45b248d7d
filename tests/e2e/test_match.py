"""From two profiles of one person to one: `cdp match` proposes, an operator accepts, the link is in effect."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.events import Json
from tests.stack.platforms import Platform

pytestmark = pytest.mark.platform


def identified(who: str, name: str, birthday: str) -> Json:
    return {
        "event_id": f"{who}:identified",
        "type": "customer.identified",
        "occurred_at": "2026-01-01T08:00:00+08:00",
        "ids": {"customer_no": who},
        "data": {"traits": {"name": name, "birthday": birthday, "city": "杭州", "address": f"文三路 {name} 号"}},
    }


def match(platform: Platform, directory: Path) -> list[Json]:
    """Run the command as an operator would, on this platform's ClickHouse."""
    file = directory / "pairs.json"
    address = platform.address
    env = {**platform.env, "CDP_CLICKHOUSE__URL": address.url, "CDP_CLICKHOUSE__DATABASE": address.database}
    command = [sys.executable, "-m", "deploy.cli", "match", "--json", str(file)]
    subprocess.run(command, env=env, check=True, capture_output=True, timeout=120)
    found: list[Json] = json.loads(file.read_text("utf-8"))
    return found


def decide(platform: Platform, suggestion: str, decision: str) -> Json:
    answer = platform.http.post(
        f"{platform.api_url}/v1/matches/{suggestion}:{decision}", headers={"Authorization": "Bearer operator"}
    )
    assert answer.status_code in {200, 202}, answer.text
    found: Json = answer.json()
    return found


def test_a_suggestion_that_is_accepted_makes_one_person(platform: Platform, tmp_path: Path) -> None:
    """Two pairs are proposed; one is accepted, one rejected; neither is proposed again."""
    said = [("A1", "王小明", "1990-01-02"), ("A2", "王小明", "1990/1/2"), ("B1", "李芳", "1985-05-06")]
    said += [("B2", "李芳", "19850506"), ("C1", "赵六", "1970-03-04")]
    platform.ask("/v1/profiles/customer_no:A1", after=platform.send(*[identified(*each) for each in said]))
    names = sorted(sorted((pair["left"]["address"], pair["right"]["address"])) for pair in match(platform, tmp_path))
    assert names == [["customer_no:A1", "customer_no:A2"], ["customer_no:B1", "customer_no:B2"]]
    rows = platform.ask("/v1/matches", key="operator")["data"]
    of = {row["left"]["address"][:-1]: row["suggestion_id"] for row in rows}
    accepted = [decide(platform, of["customer_no:A"], "accept") for _ in range(2)]
    decide(platform, of["customer_no:B"], "reject")
    after = accepted[-1]["position"]
    event = platform.ask(f"/v1/events/operator/{accepted[0]['event_id']}", key="operator", after=after)
    assert (event["status"], event["type"], event["dead_letters"]) == ("recorded", "customer.linked", [])
    one, other = (platform.ask(f"/v1/profiles/customer_no:{who}", after=after) for who in ("A1", "A2"))
    assert one["person_id"] == other["person_id"]
    assert match(platform, tmp_path) == platform.ask("/v1/matches", key="operator")["data"] == []
