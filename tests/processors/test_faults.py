"""Faults on demand happen once, or as long as they are asked for, and to the stage they name only."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from processors.faults import FaultAsked, Faults
from processors.pulse import Pulse
from processors.records import Record
from processors.topology import Stage


def record(value: bytes) -> Record:
    return Record("t", 0, 0, datetime(2026, 1, 1, tzinfo=UTC), None, value)


@pytest.mark.parametrize(("when", "done"), [("before", 0), ("after", 1)])
def test_a_step_raises_once(tmp_path: Path, when: str, done: int) -> None:
    """Before it has done anything, or when it has done all."""
    steps: list[int] = []
    stage = Faults(tmp_path).within(Stage("recorder", "t", 1, 1.0, lambda _: steps.append(1), Pulse("recorder")))
    (tmp_path / f"profiler.{when}").touch()
    stage.step([])
    (tmp_path / f"recorder.{when}").touch()
    with pytest.raises(FaultAsked):
        stage.step([])
    assert len(steps) == 1 + done
    stage.step([])
    assert len(steps) == 2 + done


def test_a_poisoned_record_fails_always(tmp_path: Path) -> None:
    """Alone or among others, as long as the file is there."""
    stage = Faults(tmp_path).within(Stage("recorder", "t", 1, 1.0, lambda _: None, Pulse("recorder")))
    (tmp_path / "recorder.poison").write_text("bad")
    for _ in range(2):
        with pytest.raises(FaultAsked):
            stage.step([record(b"good"), record(b'{"event_id": "bad"}')])
    stage.step([record(b"good")])
