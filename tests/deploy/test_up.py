"""`cdp up`, as its users meet it: real Kafka, real ClickHouse, all processes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

pytestmark = pytest.mark.platform

ROOT = Path(__file__).parents[2]
EVENT = {
    "event_id": "e-1",
    "type": "order.completed",
    "occurred_at": "2026-01-01T08:00:00+08:00",
    "ids": {"phone": "138 0013 8000"},
    "data": {"order_id": "1", "total": "268.00", "lines": []},
}


class Up:
    """One `cdp up --json` in a process of its own."""

    def __init__(self, directory: Path, cwd: Path) -> None:
        ports = {f"CDP_{name}__PORT": "0" for name in ("INGEST", "API", "KAFKA", "CLICKHOUSE")}
        others = {name: value for name, value in os.environ.items() if not name.startswith("CDP_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "deploy.cli", "up", "--json", "--data-dir", str(directory)],
            env={**others, **ports, "PYTHONPATH": str(ROOT)},
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def told(self) -> dict[str, Any]:
        """The first line it prints."""
        assert self.process.stdout
        line: dict[str, Any] = json.loads(self.process.stdout.readline())
        return line


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Callable[[], Up]]:
    """Starts platforms on one directory, and leaves none behind."""
    started: list[Up] = []

    def start() -> Up:
        started.append(Up(tmp_path / "data", tmp_path))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.communicate()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def ask(url: str, key: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = Request(url, json.dumps(body).encode() if body else None, headers)
    with urlopen(request, timeout=40) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def test_the_life_of_a_platform(up: Callable[[], Up]) -> None:
    """Up, refused to a second, killed without orphans, up again at the same addresses with its data, stopped."""
    first = up()
    told = first.told()
    assert list(told["pids"]) == ["kafka", "clickhouse", "ingest", "processors", "api"]
    assert told["write_keys"] == {told["source"]: told["write_key"]}
    position = ask(f"{told['ingest']}/v1/events", told["write_key"], EVENT)["position"]
    profile = f"{told['api']}/v1/profiles/phone:%2B8613800138000"
    assert ask(f"{profile}?timeout=30&after={position}", told["api_key"])["orders"]["net_amount"] == "268.00"

    second = up()
    said = second.process.communicate(timeout=30)
    assert (second.process.returncode, said[0]) == (2, "")
    assert "already in use" in said[1]
    assert all(alive(pid) for pid in told["pids"].values())

    first.process.kill()
    deadline = time.monotonic() + 15
    while any(alive(pid) for pid in told["pids"].values()):
        assert time.monotonic() < deadline, "orphans"
        time.sleep(0.05)

    third = up()
    again = third.told()
    assert {**again, "pids": None} == {**told, "pids": None}
    assert ask(f"{profile}?timeout=30&after={position}", told["api_key"])["orders"]["count"] == 1
    third.process.send_signal(signal.SIGTERM)
    assert third.process.wait(60) == 0
    assert not any(alive(pid) for pid in again["pids"].values())
