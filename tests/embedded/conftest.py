"""What the tests of the embedded stack share: waiting with a deadline, and the environment their processes get."""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

Until = Callable[[Callable[[], object]], None]


@pytest.fixture
def until() -> Until:
    """Wait until a condition holds, thirty seconds at most."""

    def wait(condition: Callable[[], object], seconds: float = 30.0) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "the condition did not come true in time"
            time.sleep(0.02)

    return wait


@pytest.fixture
def environment() -> Mapping[str, str]:
    """The environment of processes started by a test: this one's, with the project importable."""
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
