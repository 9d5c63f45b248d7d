"""The tests' own stack: a server only for who is marked, containers where they are asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.stack.processes import inherited_environment

ROOT = Path(__file__).parents[2]
UNMARKED = '''"""A test without a marker."""


def test_reaches_out(clickhouse_server):
    """It may not."""
'''


def pytest_of(test: Path, **settings: str) -> str:
    """What pytest says of a test, in a process of its own."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={ROOT}", str(test)]
    env = {**inherited_environment(), **settings}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=120).stdout


def test_a_server_without_its_marker_is_refused() -> None:
    """By accident a test starts nothing: the name of the missing marker is said."""
    test = ROOT / "tests" / "stack" / f"unmarked_{os.getpid()}.py"
    test.write_text(UNMARKED)
    try:
        said = pytest_of(test)
    finally:
        test.unlink()
    assert "uses clickhouse_server: mark it clickhouse or platform" in said


def test_without_docker_containers_say_so() -> None:
    """CDP_TEST_STACK=containers where Docker does not answer: one sentence that says what to do."""
    nowhere = {"CDP_TEST_STACK": "containers", "DOCKER_HOST": "unix:///nowhere/docker.sock"}
    said = pytest_of(ROOT / "tests" / "projections" / "test_drift.py", **nowhere)
    assert "DockerMissing: CDP_TEST_STACK=containers, but Docker does not answer" in said
