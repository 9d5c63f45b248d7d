"""What the tests of schemas share: one example of every event type, and a door with the clock stopped."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.door import Door
from schemas.errors import Rejected
from schemas.event import Event
from schemas.sources import Source

POS = Source("pos")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
EXAMPLES: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "goldens/events.json").read_text("utf-8"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `example` once for each event type."""
    if "example" in metafunc.fixturenames:
        metafunc.parametrize("example", EXAMPLES.values(), ids=EXAMPLES.keys())


@pytest.fixture(scope="session")
def examples() -> dict[str, dict[str, Any]]:
    """One complete event of each type, by type."""
    return EXAMPLES


@pytest.fixture(scope="session")
def admit() -> Callable[..., Event]:
    """Let an event (bytes, or JSON to be) through a door of region CN at NOW."""
    door = Door("CN")

    def _admit(event: Any, source: Source = POS, version: int = 1) -> Event:
        raw = event if isinstance(event, bytes) else json.dumps(event).encode()
        return door.admit(raw, source, NOW, version)

    return _admit


@pytest.fixture(scope="session")
def refuse(admit: Callable[..., Event]) -> Callable[..., Rejected]:
    """Give the rejection of an event that must not pass."""

    def _refuse(event: Any, **more: Any) -> Rejected:
        with pytest.raises(Rejected) as caught:
            admit(event, **more)
        return caught.value

    return _refuse
