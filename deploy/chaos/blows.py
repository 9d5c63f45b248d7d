"""How each blow is dealt. All return when it is over; the platform may still be recovering."""

from __future__ import annotations

import asyncio
import itertools
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from deploy.chaos.channel import Channel, Sent
from deploy.chaos.plans import Kind, Plan
from deploy.chaos.proxy import Mode, Proxy
from deploy.chaos.state import Processes, until
from deploy.embedded.process import ProcessSpec, RestartPolicy
from deploy.embedded.supervised import Supervised

_FLOW = 40
"""Events that are acknowledged between two parts of a blow."""


@dataclass(slots=True)
class Striker:
    """Strikes at one platform. Lives on the event loop of the main thread, as what it starts is bound to that."""

    processes: Processes
    proxy: Proxy
    faults: Path
    sent: Sent
    channel: Channel
    worker: ProcessSpec
    """How one more processors worker is started."""
    members: Callable[[], int]
    """How many workers the group has; may block."""
    _poisons: itertools.count[int] = field(default_factory=itertools.count)

    async def strike(self, plan: Plan) -> None:
        """Deal it."""
        blows: dict[Kind, Callable[[Plan], Awaitable[None]]] = {
            "kill": self._kill,
            "term": self._kill,
            "stop": self._stop,
            "lose": self._answers,
            "slow": self._answers,
            "join": self._join,
            "raise": self._fault,
            "hang": self._fault,
            "poison": self._poison,
        }
        await blows[plan.kind](plan)

    async def flow(self, events: int = _FLOW) -> None:
        """Return when so many more events are acknowledged."""
        before = self.sent.count
        await until(lambda: self.sent.count >= before + events, "events are acknowledged")

    async def _kill(self, plan: Plan) -> None:
        before = self.processes.of(plan.victim)
        self.processes.signal(plan.victim, signal.SIGKILL if plan.kind == "kill" else signal.SIGTERM)
        await self.processes.renewed(plan.victim, before)

    async def _stop(self, plan: Plan) -> None:
        self.processes.signal(plan.victim, signal.SIGSTOP)
        try:
            await asyncio.sleep(plan.seconds)
        finally:
            self.processes.signal(plan.victim, signal.SIGCONT)

    async def _answers(self, plan: Plan) -> None:
        mode: Mode = "lose" if plan.kind == "lose" else "slow"
        with self.proxy.acting(mode):
            await asyncio.sleep(plan.seconds)

    async def _join(self, plan: Plan) -> None:
        """A second worker takes over partitions in the middle of batches, and leaves in the middle of its own."""
        before = await asyncio.to_thread(self.members)
        spec = replace(self.worker, ready=lambda: self.members() > before)
        if plan.how == "kill -9":
            spec = replace(spec, stop_signal=signal.SIGKILL)
        second = Supervised(spec, RestartPolicy(), lambda: None)
        try:
            await second.start()
            await self.flow()
        finally:
            await second.stop()

    async def _fault(self, plan: Plan) -> None:
        """The worker ends by itself: the step raises, or the watchdog finds it hanging."""
        before = self.processes.of("processors")
        (self.faults / f"{plan.victim}.{plan.how or 'hang'}").touch()
        await self.processes.renewed("processors", before)

    async def _poison(self, plan: Plan) -> None:
        """One event fails whenever it is looked at: it becomes a dead letter, and all others are done."""
        await self.channel.rest()
        name = f"poison-{next(self._poisons)}"
        before = self.processes.of("processors")
        (self.faults / f"{plan.victim}.poison").write_text(name)
        await self.channel.poison(name)
        self.channel.resume()
        await until(lambda: self.processes.of("processors").restarts >= before.restarts + 3, "the step failed 3 times")
        await self.processes.ready()
