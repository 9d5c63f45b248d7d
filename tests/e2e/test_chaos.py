"""Nothing acknowledged is lost and nothing counts twice, whoever is killed or deceived while events come in."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.stack.processes import inherited_environment

pytestmark = pytest.mark.platform

# Kills and stops of the processors among them, answers to inserts that are lost, and a second worker.
SEED = os.environ.get("CDP_TEST_SEED", "10")


def test_ten_rounds_of_chaos() -> None:
    """One blow of each kind; after each all facts, profiles, memberships, changes and letters are as they should be."""
    command = [sys.executable, "-m", "deploy.cli", "chaos", "--rounds", "10", "--seed", SEED, "--json"]
    done = subprocess.run(
        command, env=inherited_environment(), capture_output=True, text=True, check=False, timeout=600
    )
    print(done.stderr)  # noqa: T201 -- shown when the test fails
    found = json.loads(done.stdout)
    assert (found["lost"], found["duplicated"], found["wrong"]) == (0, 0, [])
    assert len(found["rounds"]) == 10
    assert len({each["plan"]["kind"] for each in found["rounds"]}) >= 7
    assert all(each["events"] >= 80 for each in found["rounds"])
    assert done.returncode == 0
