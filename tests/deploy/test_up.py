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

from deploy.embedded.supervisor import read_state
from tests.stack.waiting import until

pytestmark = pytest.mark.platform

ROOT = Path(__file__).parents[2]
EVENT: dict[str, Any] = {
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
        ports["CDP_PROCESSORS__WORKERS"] = "2"
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


def ask(url: str, key: str, body: Any = None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = Request(url, json.dumps(body).encode() if body else None, headers)
    with urlopen(request, timeout=40) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def share_and_take_over(directory: Path, told: Mapping[str, Any]) -> None:
    """Two workers share the partitions; one that hangs loses its own to the other, and killed comes back for them."""
    until(lambda: all(partitions(directory)), "both read")
    whole = sum(partitions(directory))
    os.kill(told["pids"]["processors-2"], signal.SIGSTOP)
    until(lambda: partitions(directory, 1) == [whole], "the other has taken over")
    bought = {f"138 0013 {number}": f"m-{number}" for number in range(8100, 8120)}  # in whichever partitions
    events = [
        {**EVENT, "event_id": order, "ids": {"phone": phone}, "data": {**EVENT["data"], "order_id": order}}
        for phone, order in bought.items()
    ]
    position = ask(f"{told['ingest']}/v1/events", told["write_key"], events)["position"]
    for phone in bought:
        address = f"phone:%2B86{phone.replace(' ', '')}"
        profile = ask(f"{told['api']}/v1/profiles/{address}?timeout=30&after={position}", told["api_key"])
        assert profile["orders"]["count"] == 1
    os.kill(told["pids"]["processors-2"], signal.SIGKILL)
    until(lambda: all(partitions(directory)) and sum(partitions(directory)) == whole, "they share again")
    told["pids"]["processors-2"] = next(each.pid for each in read_state(directory) or () if each.name == "processors-2")


def partitions(directory: Path, workers: int = 2) -> list[int]:
    """How many each worker reads, as Prometheus would learn it; 0 of one that does not answer."""
    targets = json.loads((directory / "run" / "prometheus.json").read_text())
    [addresses] = [each["targets"] for each in targets if each["labels"]["job"] == "cdp-processors"]
    return [read_by(address) for address in addresses[:workers]]


def read_by(address: str) -> int:
    try:
        with urlopen(f"http://{address}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
    except OSError:
        return 0
    return next(int(float(line.split()[1])) for line in lines if line.startswith("cdp_processors_partitions "))


def test_the_life_of_a_platform(up: Callable[[], Up], tmp_path: Path) -> None:
    """Up, refused to a second, killed without orphans, up again at the same addresses with its data, stopped."""
    first = up()
    told = first.told()
    assert list(told["pids"]) == ["kafka", "clickhouse", "ingest", "processors", "processors-2", "api"]
    assert told["write_keys"] == {told["source"]: told["write_key"]}
    position = ask(f"{told['ingest']}/v1/events", told["write_key"], EVENT)["position"]
    profile = f"{told['api']}/v1/profiles/phone:%2B8613800138000"
    assert ask(f"{profile}?timeout=30&after={position}", told["api_key"])["orders"]["net_amount"] == "268.00"

    share_and_take_over(tmp_path / "data", told)

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
