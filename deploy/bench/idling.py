"""What the whole platform takes while nothing arrives."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from deploy.bench.machine import cpu_seconds, machine, resident_bytes
from deploy.bench.phases import Phases
from deploy.bench.report import Figure, Report
from deploy.bench.scale import Doors

_SUPERVISOR = "cdp"
_PROPORTIONAL = re.compile(r"^Pss: +(\d+) kB$", re.MULTILINE)
_KIB, _GB = 1024, 1e9


@dataclass(frozen=True, slots=True)
class IdleScale:
    """How long the platform is looked at, and how long it is left alone after its start before."""

    seconds: float
    after: float


async def measure(doors: Doors, scale: IdleScale, console: Console) -> Report:
    """Look at it for a while. The process that starts and watches the others, this one, counts among them."""
    found, pids = machine(), {**doors.pids, _SUPERVISOR: os.getpid()}
    phases = Phases(console, pids)
    with phases.phase("settling"):
        await asyncio.sleep(scale.after)
    with phases.phase("nothing arrives"):
        await asyncio.sleep(scale.seconds)
    idle = phases.done[-1]
    busy = {name: 100 * spent / idle.seconds for name, spent in idle.cpu.items()}
    held = {name: size / _GB for name, size in proportional_bytes(pids).items()}
    figures = [
        Figure("CPU of all", sum(busy.values()), 5, unit="% of a core"),
        *(Figure(f"CPU of {name}", share, unit="% of a core") for name, share in busy.items()),
        Figure("memory of all", sum(held.values()), 1.5, unit="GB"),
        *(Figure(f"memory of {name}", size, unit="GB") for name, size in held.items()),
    ]
    said = {"seconds": scale.seconds, "after": scale.after}
    return Report(found, said, figures, {}, phases.done, cpu_seconds(pids), resident_bytes(pids))


def proportional_bytes(pids: Mapping[str, int]) -> dict[str, int]:
    """Bytes of memory each process holds, of what it shares its part; where the system does not tell, all it holds."""
    found = resident_bytes(pids)
    for name in found:
        with suppress(OSError):
            told = _PROPORTIONAL.search(Path(f"/proc/{pids[name]}/smaps_rollup").read_text(encoding="ascii"))
            if told:
                found[name] = int(told[1]) * _KIB
    return found
