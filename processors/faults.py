"""Faults on demand, for `cdp chaos` and tests only: without the setting CDP_FAULTS no step knows of them.

A fault is a file in the directory that setting names. `recorder.before` has the recorder's next step raise before it
does anything, `recorder.after` when it has done all and not yet acknowledged, `recorder.hang` never come back: each
once, by whoever takes the file away first. `recorder.poison` stays, and has every step raise that is given a record
with its text.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from processors.edge import Step
from processors.records import Record
from processors.topology import Stage


class FaultAsked(Exception):
    """Somebody wanted this step to fail."""


@dataclass(frozen=True, slots=True)
class Faults:
    """The directory that is looked into."""

    directory: Path

    def within(self, stage: Stage) -> Stage:
        """The same stage, whose step fails when told to."""
        return replace(stage, step=self._failing(stage.name, stage.step))

    def _failing(self, name: str, step: Step) -> Step:
        def fail_or_step(records: Sequence[Record]) -> None:
            if self._taken(f"{name}.hang"):
                threading.Event().wait()
            if self._taken(f"{name}.before") or self._is_poisoned(name, records):
                raise FaultAsked(name)
            step(records)
            if self._taken(f"{name}.after"):
                raise FaultAsked(name)

        return fail_or_step

    def _taken(self, fault: str) -> bool:
        try:
            (self.directory / fault).unlink()
        except FileNotFoundError:
            return False
        return True

    def _is_poisoned(self, name: str, records: Sequence[Record]) -> bool:
        try:
            poison = (self.directory / f"{name}.poison").read_bytes()
        except FileNotFoundError:
            return False
        return any(poison in (record.value or b"") for record in records)
