"""Segments and tags over HTTP: defined, filled, asked about, exported, explained, planned and applied."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pyarrow.parquet as pq
import pytest
import yaml
from typer.testing import CliRunner

from deploy.cli.__main__ import build
from tests.conftest import StartPlatform
from tests.e2e.events import completed, viewed
from tests.stack.platforms import Json, Platform
from tests.stack.waiting import until

pytestmark = pytest.mark.platform

BUYERS = {"where": {"event": "order.completed"}}
RICH = {"where": {"metric": "orders.net_amount", "op": "gte", "value": 100}}
NEVER = {"where": {"metric": "orders.count", "op": "gte", "value": 99}}


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> Platform:
    """One platform; every test has customers and definitions of its own, beside three customers of all."""
    started = start_platform()
    after = started.send(
        completed("ANN", "ann-1", "150.00"),
        completed("BEN", "ben-1", "20.00"),
        viewed("CAT", "cat:1"),
        {
            "event_id": "ann:said",
            "type": "customer.identified",
            "occurred_at": "2026-01-01T08:00:00+08:00",
            "ids": {"member_id": "ANN", "phone": "138 0013 8000"},
            "data": {"traits": {"city": "上海", "nick": "=1+1"}},
        },
    )
    started.ask("/v1/profiles/member_id:CAT", after=after)
    return started


def say(platform: Platform, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
    """Ask for a change."""
    how: dict[str, Any] = {"json": body} if not isinstance(body, str) else {"content": body.encode()}
    return platform.http.request(
        method, platform.api_url + path, headers={"Authorization": "Bearer all", **headers}, **how
    )


def put(platform: Platform, path: str, body: Json) -> Json:
    """Put a definition that is new or changed; returns when everybody is computed by it."""
    answer = say(platform, "PUT", path, body)
    assert answer.status_code in {200, 201}, answer.text
    found: Json = answer.json()
    built(platform, path, found["position"])
    return found


def built(platform: Platform, path: str, after: str) -> None:
    until(lambda: platform.ask(path, after=after)["building"] is None, f"{path} is built")


def members(platform: Platform, path: str, **asked: str) -> set[str]:
    """The member ids of everybody in it."""
    found = platform.ask(f"{path}/members", **asked)
    assert found["next_cursor"] is None
    return {one["value"] for each in found["data"] for one in each["identifiers"] if one["type"] == "member_id"}


def test_a_definition_is_filled_and_follows_the_events(platform: Platform) -> None:
    """Who is in it is known when the definition is built, and again when an event has arrived; each change says why."""
    path = "/v1/segments/rich"
    created = say(platform, "PUT", path, {**RICH, "name": {"zh": "高消费", "en": "Big spenders"}})
    assert (created.status_code, created.headers["ETag"]) == (201, created.json()["etag"])
    built(platform, path, created.json()["position"])
    assert members(platform, path) == {"ANN"}
    after = platform.send(completed("BEN", "ben-2", "90.00"))
    assert members(platform, path, after=after) == {"ANN", "BEN"}
    assert platform.ask(f"{path}/count")["count"] == 2
    changes = platform.ask(f"{path}/changes")["data"]
    assert [(each["from"], each["to"], each["cause"]) for each in changes] == [
        (False, True, "event"), (False, True, "definition"),
    ]  # fmt: skip
    assert changes[0]["cause_ref"] == "BEN:ben-2:completed"
    assert {each["definition_version"] for each in changes} == {created.json()["version"]}
    of_ben = platform.ask("/v1/changes", person="member_id:BEN")["data"]
    assert changes[0] in of_ben
    assert "rich" in platform.ask("/v1/profiles/member_id:BEN")["segments"]
    history = platform.ask(f"{path}/count/history", every="hour")["data"]
    assert (history[-1]["count"], sum(each["entered"] for each in history)) == (2, 2)


def test_versions_and_conditions(platform: Platform) -> None:
    """The same again writes nothing; a stale ETag is 412; every version stays to be read."""
    path = "/v1/segments/versioned"
    first = put(platform, path, RICH)
    same = say(platform, "PUT", path, {**RICH, "status": "live"})
    assert (same.status_code, same.json()["version"], same.json()["position"]) == (200, first["version"], None)
    stale = say(platform, "PUT", path, BUYERS, **{"If-Match": '"nothing"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    assert say(platform, "PUT", path, BUYERS, **{"If-None-Match": "*"}).status_code == 412
    second = say(platform, "PUT", path, BUYERS, **{"If-Match": first["etag"]})
    assert second.status_code == 200, second.text
    built(platform, path, second.json()["position"])
    assert {"ANN", "BEN"} <= members(platform, path)
    said = platform.ask(f"{path}/versions")["data"]
    assert [each["version"] for each in said] == [second.json()["version"], first["version"]]
    old = platform.get(path, version=str(first["version"]))
    assert (old.json()["definition"]["where"], old.headers["ETag"]) == (first["definition"]["where"], first["etag"])


def test_yaml_is_the_same(platform: Platform) -> None:
    """By its media type; another key than the path's is told where it stands."""
    body = "key: as_yaml\nwhere: {metric: orders.net_amount, op: gte, value: 100}\n"
    answer = say(platform, "PUT", "/v1/segments/as_yaml", body, **{"Content-Type": "application/yaml"})
    assert answer.status_code == 201, answer.text
    other = say(platform, "PUT", "/v1/segments/other", body, **{"Content-Type": "application/yaml"})
    assert (other.status_code, other.json()["errors"][0]["pointer"]) == (422, "/key")
    text = say(platform, "PUT", "/v1/segments/other", body, **{"Content-Type": "text/plain"})
    assert (text.status_code, text.json()["code"]) == (415, "unsupported_media_type")


def test_refusals_say_where(platform: Platform) -> None:
    """Every one of them, with its pointer; nothing is written."""
    body = {"where": {"all": [{"metric": "orders.cuont", "op": "gte", "value": 1}, {"segment": "nowhere"}, {"x": 1}]}}
    answer = say(platform, "PUT", "/v1/segments/wrong", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_definition")
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/where/all/0/metric", "/where/all/2/x"]
    answer = say(platform, "PUT", "/v1/segments/wrong", {"where": {"segment": "nowhere"}})
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/where/segment"]
    assert platform.get("/v1/segments/wrong").status_code == 404


def test_what_others_use_stays(platform: Platform) -> None:
    """Deleting is refused by name; from the end of the chain it goes, and its members leave."""
    put(platform, "/v1/segments/base", RICH)
    put(platform, "/v1/segments/above", {"where": {"segment": "base"}})
    refused = say(platform, "DELETE", "/v1/segments/base")
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert "above" in refused.json()["errors"][0]["message"]
    assert say(platform, "DELETE", "/v1/segments/above").status_code == 204
    assert say(platform, "DELETE", "/v1/segments/base").status_code == 204
    assert platform.get("/v1/segments/base/members").status_code == 404
    assert say(platform, "DELETE", "/v1/segments/base").status_code == 404
    until(lambda: "base" not in platform.ask("/v1/profiles/member_id:ANN")["segments"], "the members have left")
    assert platform.ask("/v1/segments/base/versions")["data"][0]["definition"] is None


def test_built_in_tags_are_there_and_editable(platform: Platform) -> None:
    """Version 0; the lifecycle is in the dossier; edited, they are like any other; deleted, they are gone."""
    listed = platform.ask("/v1/tags", limit="200")["data"]
    assert {"lifecycle", "value", "frequency"} <= {each["key"] for each in listed}
    assert {each["version"] for each in listed if each["key"] == "vip"} == {0}
    found = until(lambda: _with_lifecycle(platform, "member_id:ANN"), "everybody has a lifecycle")
    assert found["lifecycle"] == found["tags"]["lifecycle"]
    counts = platform.ask("/v1/tags/lifecycle/count")
    assert counts["count"] == sum(counts["values"].values()) >= 3
    potential = members(platform, "/v1/tags/lifecycle", value="potential")
    assert "CAT" in potential
    assert "ANN" not in potential
    put(platform, "/v1/tags/vip", RICH)
    assert "ANN" in members(platform, "/v1/tags/vip")
    assert say(platform, "DELETE", "/v1/tags/vip").status_code == 204
    assert platform.get("/v1/tags/vip").status_code == 404
    assert platform.get("/v1/tags/vip", version="0").status_code == 200


def _with_lifecycle(platform: Platform, address: str) -> Json:
    found = platform.ask(f"/v1/profiles/{address}")
    return found if found["lifecycle"] else {}


def test_a_preview_changes_nothing(platform: Platform) -> None:
    """Size, a sample with identifiers, what else holds of them, and the cost."""
    answer = say(platform, "POST", "/v1/segments:preview", BUYERS)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["exact"], found["margin"]) == (True, None)
    assert found["size"] == len(found["sample"]) == 2
    assert found["cost"] > 0
    assert sum(found["breakdown"]["lifecycle"].values()) == found["size"]
    assert platform.get("/v1/segments/unsaved").status_code == 404
    tag = {"tiers": [{"value": "much", **RICH}, {"value": "some", **BUYERS}]}
    values = say(platform, "POST", "/v1/tags:preview", tag).json()["values"]
    assert sum(values.values()) == 2


def test_the_past_is_computed_from_the_facts(platform: Platform) -> None:
    """Members, counts, explanations and dossiers as of a time before anybody bought are empty."""
    put(platform, "/v1/segments/past", BUYERS)
    before = "2025-12-31T00:00:00Z"
    after = "2026-01-02T00:00:00Z"
    assert members(platform, "/v1/segments/past", as_of=before) == set()
    assert members(platform, "/v1/segments/past", as_of=after) == {"ANN", "BEN"}
    assert platform.ask("/v1/segments/past/count", as_of=after)["count"] == 2
    then = platform.ask("/v1/profiles/member_id:ANN", as_of=after)
    assert "past" in then["segments"]
    page = platform.ask("/v1/segments/past/members", as_of=after, limit="1")
    rest = platform.ask("/v1/segments/past/members", as_of=after, limit="1", cursor=page["next_cursor"])
    assert len({each["person_id"] for each in page["data"] + rest["data"]}) == 2
    assert page["data"][0]["since"] is None
    known = platform.get("/v1/segments/past/members", as_of=after, by="received_at")
    assert known.status_code == 404


def test_why_somebody_is_in(platform: Platform) -> None:
    """The clauses with what was found; for who is not in it, too; nobody is 404."""
    put(platform, "/v1/segments/explained", {"where": {"all": [BUYERS["where"], RICH["where"]]}})
    found = platform.ask("/v1/segments/explained/explain/member_id:ANN")
    assert (found["member"], found["tree"]["kind"], found["tree"]["holds"]) == (True, "all", True)
    [bought, rich] = found["tree"]["clauses"]
    assert bought["events"][0]["event_id"] == "ANN:ann-1:completed"
    assert rich["value"] == "150.00"
    cat = platform.ask("/v1/segments/explained/explain/member_id:CAT")
    assert (cat["member"], cat["tree"]["holds"]) == (False, False)
    assert platform.get("/v1/segments/explained/explain/member_id:NOBODY").status_code == 404


def test_drafts_are_computed_for_nobody(platform: Platform) -> None:
    """Now as then; but it can be said whom one would find. Nothing live may refer to it."""
    put(platform, "/v1/segments/drafted", {**BUYERS, "status": "draft"})
    assert members(platform, "/v1/segments/drafted") == set()
    assert members(platform, "/v1/segments/drafted", as_of="2026-01-02T00:00:00Z") == set()
    assert platform.ask("/v1/segments/drafted")["count"] is None
    assert platform.ask("/v1/segments/drafted/explain/member_id:ANN")["member"] is True
    refused = say(platform, "PUT", "/v1/segments/on_draft", {"where": {"segment": "drafted"}})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/where/segment")
    assert "drafted" in {each["key"] for each in platform.ask("/v1/segments", status="draft")["data"]}


def test_exports_have_everybody_with_chosen_fields(platform: Platform) -> None:
    """As JSON, CSV and Parquet; a key without `profiles` may not have fields."""
    put(platform, "/v1/segments/exported", BUYERS)
    fields = "traits.city,traits.nick,orders.net_amount,orders.count,tags.lifecycle,identifiers.phone"
    page = platform.ask("/v1/segments/exported/members", fields=fields)["data"]
    ann = next(each["fields"] for each in page if each["fields"]["traits.city"])
    assert (ann["traits.city"], ann["orders.net_amount"], ann["identifiers.phone"]) == (
        "上海", "150.00", ["+8613800138000"],
    )  # fmt: skip
    answer = platform.get("/v1/segments/exported/members", fields=fields, format="csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    row = next(each for each in rows if each["traits.city"])
    assert (row["traits.nick"], row["orders.count"], row["identifiers.phone"]) == ("'=1+1", "1", "+8613800138000")
    assert "member_id:ANN" in row["identifiers"].split(" ")
    answer = platform.get("/v1/segments/exported/members", fields=fields, format="parquet")
    table = pq.read_table(io.BytesIO(answer.content))
    assert table.num_rows == len(rows) == len(page)
    accept = {"Authorization": "Bearer all", "Accept": "text/csv"}
    assert platform.http.get(f"{platform.api_url}/v1/segments/exported/members", headers=accept).text.count("\n") > 2
    assert platform.get("/v1/segments/exported/members", key="operator").status_code == 403


def test_static_segments_and_manual_tags(platform: Platform) -> None:
    """Set by list and one by one; bad lines are told, good ones taken; what is computed cannot be set."""
    put(platform, "/v1/segments/guests", {"static": True})
    raw = "type,value\nmember_id,ANN\nphone,nonsense\nmember_id,CAT\n"
    answer = say(platform, "POST", "/v1/segments/guests/members", raw, **{"Content-Type": "text/csv"})
    assert (answer.status_code, answer.json()["accepted"], answer.json()["rejected"]) == (202, 2, 1)
    assert [each["line"] for each in answer.json()["errors"]] == [3]
    assert members(platform, "/v1/segments/guests", after=answer.json()["position"]) == {"ANN", "CAT"}
    answer = say(platform, "DELETE", f"/v1/segments/guests/members/{quote('phone:138 0013 8000')}")
    assert members(platform, "/v1/segments/guests", after=answer.json()["position"]) == {"CAT"}, "also ANN's"
    both = {"add": ["member_id:BEN"], "remove": ["member_id:CAT"]}
    after = say(platform, "POST", "/v1/segments/guests/members", both).json()["position"]
    assert members(platform, "/v1/segments/guests", after=after) == {"BEN"}
    put(platform, "/v1/tags/advisor", {"manual": True})
    after = say(platform, "PUT", "/v1/profiles/member_id:BEN/tags/advisor", {"value": "Li"}).json()["position"]
    assert platform.ask("/v1/profiles/member_id:BEN", after=after)["tags"]["advisor"] == "Li"
    told = platform.ask("/v1/tags/advisor/explain/member_id:BEN")
    assert (told["value"], told["tree"]["kind"], told["tree"]["assigned"][0]["author"]) == ("Li", "by_hand", "all")
    changes = platform.ask("/v1/tags/advisor/changes")["data"]
    assert [(each["from"], each["to"], each["cause"]) for each in changes] == [(None, "Li", "manual")]
    after = say(platform, "DELETE", "/v1/profiles/member_id:BEN/tags/advisor").json()["position"]
    assert "advisor" not in platform.ask("/v1/profiles/member_id:BEN", after=after)["tags"]
    put(platform, "/v1/segments/computed", NEVER)
    refused = say(platform, "POST", "/v1/segments/computed/members", {"add": ["member_id:BEN"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_by_hand")
    nothing = say(platform, "POST", "/v1/segments/guests/members", "id\nx\n", **{"Content-Type": "text/csv"})
    assert (nothing.status_code, nothing.json()["code"]) == (422, "invalid_list")


def test_a_frozen_copy_stays(platform: Platform) -> None:
    """Who is in the segment later is not in the copy."""
    where = [{"field": "data.sku", "op": "eq", "value": "F"}]
    put(platform, "/v1/segments/moving", {"where": {"event": "product.viewed", "where": where}})
    after = platform.send(viewed("FAY", "fay:1", data={"sku": "F"}))
    platform.ask("/v1/segments/moving", after=after)
    answer = say(platform, "POST", "/v1/segments/moving:freeze", {"key": "copied", "name": "a copy"})
    assert (answer.status_code, answer.json()["members"]) == (201, 1), answer.text
    frozen = answer.json()["position"]
    after = platform.send(viewed("GUS", "gus:1", data={"sku": "F"}))
    assert members(platform, "/v1/segments/moving", after=after) == {"FAY", "GUS"}
    assert members(platform, "/v1/segments/copied", after=frozen) == {"FAY"}
    assert say(platform, "POST", "/v1/segments/moving:freeze", {"key": "copied"}).status_code == 412


def test_segments_against_each_other(platform: Platform) -> None:
    """Sizes, intersection, Jaccard; a set of them with a sample; `not` alone is refused."""
    put(platform, "/v1/segments/set_a", BUYERS)
    put(platform, "/v1/segments/set_b", RICH)
    body = {"segments": ["set_a", "set_b"], "of": {"all": ["set_a", {"not": "set_b"}]}}
    found = say(platform, "POST", "/v1/segments:overlap", body).json()
    a, b = found["sizes"]["set_a"], found["sizes"]["set_b"]
    assert found["pairs"][0]["intersection"] == b
    assert found["union"] == a
    assert found["of"]["size"] == a - b == len(found["of"]["sample"])
    bad = say(platform, "POST", "/v1/segments:overlap", {"of": {"not": "set_a"}})
    assert (bad.status_code, bad.json()["code"]) == (400, "bad_parameter")
    assert say(platform, "POST", "/v1/segments:overlap", {"segments": ["set_a", "nowhere"]}).status_code == 404


def test_plan_and_apply(platform: Platform, tmp_path: Path) -> None:
    """A plan says who would move and what depends on it; applied, it is so; planned again, nothing would change."""
    path = tmp_path / "definitions.yaml"
    base = {"key": "planned_base", **BUYERS}
    above = {"key": "planned_above", "where": {"all": [{"segment": "planned_base"}, RICH["where"]]}}
    path.write_text(yaml.safe_dump_all([above, base]), encoding="utf-8")
    where = ["--url", platform.api_url, "--key", "all"]
    runner = CliRunner()
    planned = runner.invoke(build(), ["plan", str(path), *where])
    assert planned.exit_code == 2, planned.output
    assert "planned_base" in planned.output
    applied = runner.invoke(build(), ["apply", str(path), "--yes", *where])
    assert applied.exit_code == 0, applied.output
    assert "ANN" in members(platform, "/v1/segments/planned_above")
    again = runner.invoke(build(), ["plan", str(path), *where])
    assert (again.exit_code, "Nothing would change" in again.output) == (0, True)
    path.write_text(yaml.safe_dump({"key": "planned_base", **NEVER}), encoding="utf-8")
    answer = say(platform, "POST", "/v1/definitions:plan", {"definitions": [{"key": "planned_base", **NEVER}]})
    [each] = answer.json()["data"]
    assert (each["change"], each["size"]["after"], each["size"]["leaving"]) == ("changed", 0, each["size"]["before"])
    assert [(one["key"], one["size"]["after"]) for one in each["dependents"]] == [("planned_above", 0)]
    path.write_text("key: x\nwhere: {metric: nothing, op: gte, value: 1}\n", encoding="utf-8")
    wrong = runner.invoke(build(), ["plan", str(path), *where])
    assert wrong.exit_code == 1
