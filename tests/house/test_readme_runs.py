"""The README's first event and first question, typed as they stand there, at a platform that runs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.house.repository import ROOT, text

pytestmark = pytest.mark.platform
PORTS = {f"CDP_{name}__PORT": "0" for name in ("INGEST", "API", "KAFKA", "CLICKHOUSE")}


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Give what `cdp up --json` prints of a platform on free ports."""
    data: Path = tmp_path_factory.mktemp("platform")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CDP_")}
    with subprocess.Popen(
        [sys.executable, "-m", "deploy.cli", "up", "--json", "--data-dir", str(data)],
        cwd=ROOT, env={**inherited, **PORTS}, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()
            assert process.wait(60) == 0


def typed(which: str, platform: dict[str, Any], more: str = "") -> Any:
    """What a block of the README answers, at this platform's addresses and with its keys."""
    block = re.search(rf"<!-- {which} -->\n```bash\n(.*?)```\n<!-- end -->", text("README.md"), re.DOTALL)
    assert block is not None, which
    command = (
        block[1].replace("http://127.0.0.1:8800", platform["ingest"]).replace("http://127.0.0.1:8801", platform["api"])
    )
    keys = {"WRITE_KEY": platform["write_key"], "API_KEY": platform["api_key"]}
    done = subprocess.run(
        ["bash", "-euc", re.sub(r'(8000|/identity)"', rf'\1{more}"', command) if more else command],
        env={**os.environ, **keys}, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return json.loads(done.stdout)


def test_the_first_event_and_the_first_question(platform):
    """The event is accepted, twice, and counts once."""
    first = typed("first event", platform)
    again = typed("first event", platform)
    assert [first["accepted"], first["rejected"], first["errors"]] == [1, 0, []]
    assert again["accepted"] == 1

    dossier = typed("first question", platform, f"?after={again['position']}&timeout=30")

    assert dossier["orders"]["count"] == 1
    assert dossier["orders"]["net_amount"] == "268.00"
    assert dossier["freshness"]["stale"] is False


def test_linking_and_why(platform):
    """A phone and a member are linked; the graph shows by which event, and that the two are one."""
    said = typed("link", platform)
    assert len(said["event_ids"]) == 1
    asked = f"?after={said['position']}&timeout=30"
    graph = typed("why", platform, asked)
    assert [edge["joined"] for edge in graph["edges"]] == [True]
    assert {"type": "member_id", "value": "M42"} in graph["identifiers"]


def test_both_offer_their_documents(platform):
    """/docs and /openapi.json answer on ingest and API alike."""
    for door in ("ingest", "api"):
        for path in ("/docs", "/openapi.json"):
            done = subprocess.run(["curl", "-sf", platform[door] + path], capture_output=True, check=False)
            assert done.returncode == 0, platform[door] + path
