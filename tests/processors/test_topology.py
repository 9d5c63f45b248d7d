"""What the topology adds to a step."""

from __future__ import annotations

from processors.pulse import Pulse
from processors.topology import Stage, _Deals, _forgetting


async def test_a_step_remembers_nothing_from_before_partitions_were_dealt_anew() -> None:
    """Others may have had them meanwhile; as long as none were dealt, what it knows it may keep."""
    said: list[str] = []
    stage = Stage("s", "t", 1, 1.0, lambda _: said.append("step"), Pulse("s"), lambda: said.append("forget"))
    deals = _Deals()
    step = _forgetting(stage, deals)
    step([])
    await deals.count("app", {("t", 0)})
    step([])
    step([])
    assert said == ["step", "forget", "step", "step"]
