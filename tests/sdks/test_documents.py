"""The pages about channels, typed as they stand there, at a platform that runs; and AsyncAPI by its own rules."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from deploy.embedded.kafka_jars import default_cache, resolve_jars
from schemas.contracts.model import Contract
from schemas.export import ASYNCAPI_FILE, FOLDER
from tests.house.repository import ROOT
from tests.sdks.documents import block, page
from tests.stack.platforms import Json, Platform
from tests.stack.waiting import until

pytestmark = pytest.mark.platform

PAGES = (
    "segment", "posthog", "kafka", "files", "shopify", "woocommerce", "youzan", "pinduoduo", "taobao", "forms",
    "rating-links", "sources",
)  # fmt: skip
BLOCK = re.compile(r"```\w+\n.*?```", re.DOTALL)


def typed(name: str, which: str, platform: Platform) -> str:
    """A block of a page, at this platform's addresses."""
    ours = {
        "http://127.0.0.1:8800": platform.ingest_url,
        "http://127.0.0.1:8801": platform.api_url,
        "127.0.0.1:9092": platform.kafka.address,
        "cdp.events.v1": platform.topic("events"),
    }
    found = block(name, which)
    for theirs, mine in ours.items():
        found = found.replace(theirs, mine)
    return found


def run(*command: str | Path, key: str, cwd: Path | None = None) -> str:
    """What a program prints that has the keys of the page."""
    secrets = {"SHOP_SECRET": "hush", "CLIENT_ID": "client-7", "CDP_LINK_SECRET": "hush"}
    env = {**os.environ, "WRITE_KEY": key, "API_KEY": "all", **secrets}
    argv = list(map(str, command))
    done = subprocess.run(argv, cwd=cwd, env=env, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def shell(name: str, which: str, platform: Platform, key: str = "") -> str:
    """What a block of a page prints."""
    return run("bash", "-euo", "pipefail", "-c", typed(name, which, platform), key=key)


def asked(name: str, platform: Platform, found: str = "orders") -> Json:
    """What the question of a page is answered with, once there is an answer."""
    answer: Json = until(lambda: _with(found, json.loads(shell(name, "ask", platform))), f"{name}: there is a profile")
    return answer


def _with(member: str, answer: Json) -> Json:
    return answer if member in answer else {}


@pytest.mark.parametrize("name", PAGES)
def test_both_languages_say_the_same(name: str) -> None:
    """The blocks of the two pages are equal, character by character, and they lead to each other."""
    assert BLOCK.findall(page(name)) == BLOCK.findall(page(name, ".zh-CN"))
    assert f"({name}.zh-CN.md)" in page(name)
    assert f"({name}.md)" in page(name, ".zh-CN")


def test_a_key_is_made_as_the_page_says(platform: Platform) -> None:
    """And the scorecard is asked for as it says."""
    made = json.loads(shell("sources", "make", platform))
    headers = {"Authorization": f"Bearer {made['key']}"}
    seen = {"event_id": "v1", "type": "page.viewed", "occurred_at": "2026-11-21T08:00:00Z", "ids": {"user_id": "u"}}
    sent = [{**seen, "data": {}}]
    until(lambda: platform.post(sent, headers=headers).status_code == 202, "the key is taken")
    types = until(lambda: asked("sources", platform, "types")["types"], "the event is counted")
    assert [each["type"] for each in types] == ["page.viewed"]


def test_the_contract_of_the_page_can_be_applied() -> None:
    """It is read as it stands there."""
    said = page("sources").split("```yaml\n")[1].split("```")[0]
    assert Contract.model_validate(yaml.safe_load(said)).source == "counter"


@pytest.mark.parametrize(("name", "answer"), [("segment", '{"success": true}'), ("posthog", '{"status": 1}')])
def test_the_first_message(platform: Platform, name: str, answer: str) -> None:
    """It is answered as the page says, and its order is in the profile."""
    said = shell(name, "send", platform, key=name)
    assert said.endswith(answer), said
    orders = until(lambda: _counted(asked(name, platform)), f"{name}: the order counts")
    assert orders["net_amount"] == "268.00"


@pytest.mark.parametrize(
    ("name", "answer"), [("shopify", "{}"), ("woocommerce", "{}"), ("youzan", '{"code":0,"msg":"success"}')]
)
def test_the_first_webhook(platform: Platform, name: str, answer: str) -> None:
    """Twice the same order is answered as the page says, and counts once in the profile; unsigned it is refused."""
    for _ in range(2):
        said = shell(name, "send", platform)
        assert said.endswith(answer), said
    orders = until(lambda: _counted(asked(name, platform)), f"{name}: the order counts")
    assert (orders["count"], orders["net_amount"]) == (1, "268.00")
    unsigned = typed(name, "send", platform).replace("$SIGNATURE", "none")
    assert " 401 " in run("bash", "-euo", "pipefail", "-c", unsigned, key="")


def test_the_first_form(platform: Platform) -> None:
    """Its post is answered as the page says, and the review is in the profile."""
    said = shell("forms", "send", platform)
    assert said.endswith('{"accepted": true}'), said
    assert asked("forms", platform, "feedback")["feedback"]["reviews"] == 1


def test_the_first_rating_link(platform: Platform) -> None:
    """The command's link, clicked, is a score in the profile."""
    said = shell("rating-links", "send", platform)
    assert " 200 " in said
    assert "Thank you" in said
    assert asked("rating-links", platform, "feedback")["feedback"]["nps_last"] == 9


def _counted(answer: Json) -> Json:
    orders: Json = answer["orders"]
    return orders if orders["count"] else {}


def test_segments_python_library(platform: Platform, tmp_path: Path) -> None:
    """The page's program tells of one order."""
    (tmp_path / "shop.py").write_text(typed("segment", "segment-python", platform))
    run(sys.executable, "shop.py", key="segment", cwd=tmp_path)
    dossier = profile(platform, "user_id:u-2", "orders")
    assert dossier["net_amount"] == "99.90"


@pytest.mark.parametrize(("which", "user"), [("segment-node", "u-3"), ("rudder-node", "u-4")])
def test_nodes_libraries(platform: Platform, node: Path, which: str, user: str) -> None:
    """The page's programs tell of one look at a product."""
    (node / f"page-{which}.mjs").write_text(typed("segment", which, platform))
    run("node", f"page-{which}.mjs", key="segment", cwd=node)
    assert profile(platform, f"user_id:{user}", "interactions")["by_type"] == {"product.viewed": 1}


def test_kcat(platform: Platform) -> None:
    """One line publishes an order; a bad line is a dead letter that says where it lies."""
    if not shutil.which("kcat"):
        pytest.skip("kcat is not installed (Debian: apt install kcat): the page's commands are not run")
    shell("kafka", "kcat", platform)
    assert asked("kafka", platform)["orders"]["net_amount"] == "268.00"
    shell("kafka", "bad", platform)
    letters = until(lambda: json.loads(shell("kafka", "letters", platform))["data"], "the bad line is a dead letter")
    assert [(each["code"], each["event_id"], each["source"]) for each in letters] == [
        ("missing_field", "erp:9", "erp")
    ]  # fmt: skip
    assert letters[0]["topic"] == platform.topic("events")


def test_kafkas_python_client(platform: Platform, tmp_path: Path) -> None:
    """The page's program with kafka-python."""
    (tmp_path / "publish.py").write_text(typed("kafka", "kafka-python", platform))
    run(sys.executable, "publish.py", key="", cwd=tmp_path)
    assert profile(platform, "member_id:M-7", "orders")["net_amount"] == "99.90"


def test_kafkas_java_client(platform: Platform, tmp_path: Path) -> None:
    """The page's program with Kafka's own client, whose jar the embedded broker has."""
    if not shutil.which("javac"):
        pytest.skip("no JDK is installed (Debian: apt install default-jdk-headless): the page's Java is not run")
    (tmp_path / "Publish.java").write_text(typed("kafka", "java", platform))
    jars = os.pathsep.join(map(str, resolve_jars(default_cache(os.environ))))
    run("java", "-cp", jars, "Publish.java", key="", cwd=tmp_path)
    assert profile(platform, "member_id:M-8", "orders")["net_amount"] == "12.50"


def test_asyncapi_is_valid_by_its_own_rules(node: Path) -> None:
    """The specification's JSON Schema of AsyncAPI 3.0 accepts our document."""
    rules = json.loads((node / "node_modules/@asyncapi/specs/schemas/3.0.0-without-$id.json").read_text("utf-8"))
    document: dict[str, Any] = json.loads((FOLDER / ASYNCAPI_FILE).read_text("utf-8"))
    jsonschema.Draft7Validator(rules).validate(document)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(rules).validate({**document, "channels": []})


def test_every_page_is_in_this_list() -> None:
    """A page without a test would rot."""
    assert {path.name.partition(".")[0] for path in (ROOT / "docs/channels").iterdir()} == set(PAGES)


def profile(platform: Platform, address: str, part: str) -> Json:
    """A part of the dossier, once it says anything."""

    def there() -> Json:
        answer = platform.get(f"/v1/profiles/{address}")
        found: Json = answer.json()[part] if answer.status_code == 200 else {}
        return found if found.get("count") else {}

    return until(there, f"{address} has {part}")
