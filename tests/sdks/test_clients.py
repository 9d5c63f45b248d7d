"""The clients that shops have already, unchanged: what they tell lands right in the profile."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.sdks.installed import browser
from tests.sdks.pages import serving
from tests.stack.platforms import Json, Platform
from tests.stack.waiting import until

pytestmark = pytest.mark.platform

HERE = Path(__file__).parent
MESSAGES = 8


def run(*command: str | Path, cwd: Path) -> None:
    """Run a client to its end."""
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("name", "library"), [("segment-python", "segment"), ("rudder-python", "rudderstack")])
def test_a_python_client(platform: Platform, tmp_path: Path, name: str, library: str) -> None:
    """segment-analytics-python and rudder-sdk-python."""
    run(sys.executable, HERE / "shop.py", library, platform.ingest_url, name, name, cwd=tmp_path)
    told_once(platform, name)


@pytest.mark.parametrize("name", ["segment-node", "rudder-node"])
def test_a_node_client(platform: Platform, node: Path, name: str) -> None:
    """@segment/analytics-node and @rudderstack/rudder-sdk-node."""
    run("node", f"{name.partition('-')[0]}.mjs", platform.ingest_url, name, name, cwd=node)
    told_once(platform, name)


@pytest.mark.parametrize("name", ["segment-browser", "rudder-browser"])
def test_a_browsers_client(platform: Platform, node: Path, tmp_path: Path, name: str) -> None:
    """@segment/analytics-next and @rudderstack/analytics-js in a page of another host: settings, CORS and all."""
    program, page = browser(), f"{name.partition('-')[0]}.html"
    site = tmp_path / "site"
    shutil.copytree(node / "node_modules/@segment/analytics-next/dist/umd", site / "umd")
    shutil.copy(
        node / "node_modules/@rudderstack/analytics-js/dist/npm/modern/bundled/esm/index.mjs", site / "rudder.mjs"
    )
    shutil.copy(node / "story.mjs", site)
    shutil.copy(HERE / "browser" / page, site)
    with serving(site) as (host, told):
        asked = urlencode({"url": platform.ingest_url, "key": name, "name": name})
        with opened(program, f"{host}/{page}?{asked}", tmp_path):
            assert told.get(timeout=60) == ""
            told_once(platform, name)


@contextmanager
def opened(program: str, address: str, directory: Path) -> Iterator[None]:
    """Keep a page open in a browser without a window."""
    headless = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--disable-background-networking", f"--user-data-dir={directory / 'browser'}")  # fmt: skip
    with (directory / "browser.log").open("wb") as log:
        started = subprocess.Popen([program, *headless, address], stdout=log, stderr=log, start_new_session=True)
    try:
        yield
    finally:
        os.killpg(started.pid, signal.SIGKILL)
        started.wait()


def test_a_batch_that_is_sent_again(platform: Platform) -> None:
    """As after a lost answer: with another sentAt, so at other corrected times. It is one event, and no conflict."""
    message = {"type": "track", "event": "Again", "userId": "again", "timestamp": "2026-01-01T00:00:00Z"}
    for second in range(3):
        batch = {"batch": [{**message, "messageId": "again-1"}], "sentAt": f"2026-01-01T00:00:0{second}Z"}
        answer = platform.http.post(f"{platform.ingest_url}/v1/batch", json=batch, headers={"X-Write-Key": "again"})
        assert answer.json() == {"success": True}
        asked = {"after": answer.headers["x-cdp-position"]}
        assert platform.ask("/v1/profiles/user_id:again", **asked)["interactions"]["by_type"] == {"custom.again": 1}
        assert platform.ask("/v1/dead-letters", source="again", **asked)["data"] == []


def told_once(platform: Platform, name: str) -> None:
    """One customer: visitor, user and former user; the order less its refund; nothing sent twice, nothing dead."""
    dossier = until(lambda: _whole(platform, name), "everything the client said is in the profile")
    assert {(each["type"], each["value"]) for each in dossier["identifiers"]} >= {
        ("user_id", name), ("user_id", f"{name}-old"), ("anonymous_id", f"{name}-visitor"),
        ("email", f"{name}@example.com"),
    }  # fmt: skip
    assert (dossier["traits"]["name"], dossier["traits"]["age"], dossier["traits"]["vip"]) == ("王芳", 41, True)
    assert (dossier["orders"]["count"], dossier["orders"]["net_amount"]) == (1, "200.00")
    assert (dossier["orders"]["refunded_amount"], dossier["orders"]["refund_count"]) == ("68.00", 1)
    at_last = "app.opened" if name == "rudder-browser" else "screen.viewed"
    assert dossier["interactions"]["by_type"] == {"group.joined": 1, "page.viewed": 1, "product.viewed": 1, at_last: 1}
    (order,) = platform.ask(f"/v1/profiles/user_id:{name}/orders")["data"]
    assert [(line["sku"], line["amount"]) for line in order["lines"]] == [("P-9", "268.00")]
    assert (order["source"], order["state"]) == (name, "partially_refunded")
    assert platform.ask("/v1/dead-letters", source=name)["data"] == []
    assert _accepted(platform, name) == MESSAGES


def _whole(platform: Platform, name: str) -> Json:
    """The dossier, once all messages have reached it; empty before."""
    answer = platform.get(f"/v1/profiles/user_id:{name}")
    if answer.status_code != 200:
        return {}
    dossier: Json = answer.json()
    told = dossier["interactions"]["count"] == 4 and dossier["orders"]["refund_count"] == 1
    return dossier if told and len(dossier["identifiers"]) >= 4 and dossier["traits"] else {}


def _accepted(platform: Platform, name: str) -> int:
    """How many events ingest took of a source: a client that sends again is counted again."""
    lines = platform.http.get(f"{platform.ingest_url}/metrics").text.splitlines()
    wanted = f'cdp_ingest_events_total{{outcome="accepted",source="{name}"}} '
    return sum(int(float(line.removeprefix(wanted))) for line in lines if line.startswith(wanted))
