"""The whole stream topology: five agents and two timers, each topic into one step.

    events ──▶ recorder ──▶ touched ──▶ profiler ──▶ changes
                    ├─────▶ identity ──▶ resolver ──▶ touched
                    └─────▶ dead letters ──▶ undertaker
    control ──▶ governor ──▶ identity, touched
    clock  ──▶ touched, identity
    census ──▶ touched

Faust's defaults lose data (DESIGN notes in ARCHITECTURE.md): records are taken without acknowledgement and
acknowledged one by one after the step has written everything; a step that raises ends the process at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import faust
from faust.exceptions import ConsumerNotStarted
from mode.supervisors import CrashingSupervisor

from processors.edge import Edge, Step
from processors.metrics import Membership, StepWatch
from processors.pulse import Place, Pulse
from processors.records import Record
from processors.suspicion import Suspicion


@dataclass(frozen=True, slots=True)
class Stage:
    """One agent: what it reads, how much at a time, and the step it takes."""

    name: str
    topic: str
    most: int
    within: float
    step: Step
    pulse: Pulse
    forget: Callable[[], None] = lambda: None
    """Called before the step when partitions were handed out anew: others may have had this worker's meanwhile."""
    suspicion: Suspicion | None = None


@dataclass(frozen=True, slots=True)
class Timer:
    """A step that is taken every so many seconds."""

    name: str
    interval: float
    step: Step
    pulse: Pulse


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told how steps go, and whether this worker reads for the group."""

    steps: StepWatch
    membership: Membership


def build(  # noqa: PLR0913, PLR0917 -- each part once, from the one place that puts them together
    bootstrap: str,
    group: str,
    directory: Path,
    stages: Sequence[Stage],
    timers: Sequence[Timer],
    on_fault: Callable[[str], None],
    watch: Watch,
) -> faust.App:
    """The Faust application. Nothing of it is registered anywhere else."""
    app = faust.App(
        group,
        broker=f"kafka://{bootstrap}",
        store="memory://",
        datadir=directory,
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        agent_supervisor=CrashingSupervisor,
        stream_wait_empty=True,
        stream_recovery_delay=0.0,
        stream_buffer_maxsize=4096,
        broker_commit_interval=0.5,
        broker_session_timeout=3.0,
        broker_heartbeat_interval=0.5,
        broker_max_poll_records=500,
        broker_max_poll_interval=600.0,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=8 * 2**20,
        reply_create_topic=False,
    )
    deals = _counted(app)
    for stage in stages:
        _agent(app, replace(stage, step=_forgetting(stage, deals)), on_fault, watch.steps)
    for timer in timers:
        edge = Edge(timer.name, timer.step, on_fault, watch=watch.steps, pulse=timer.pulse)
        app.timer(interval=timer.interval, name=timer.name)(edge.tick)
    _follow(app, watch.membership)
    return app


def _follow(app: faust.App, membership: Membership) -> None:
    """Note whether this worker is in the group."""

    async def assigned(*given: Any, **_: Any) -> None:
        membership.partitions = len(given[1])

    async def revoked(*_: Any, **__: Any) -> None:
        membership.partitions = None

    app.on_partitions_assigned.connect(assigned, weak=False)
    app.on_partitions_revoked.connect(revoked, weak=False)


@dataclass(slots=True)
class _Deals:
    """How often partitions were handed out to this worker."""

    number: int = 0

    async def count(self, *_about: object, **_more: object) -> None:
        """Once more."""
        self.number += 1


def _counted(app: faust.App) -> _Deals:
    deals = _Deals()
    for signal in (app.on_partitions_revoked, app.on_partitions_assigned):
        signal.connect(deals.count)
    return deals


def _forgetting(stage: Stage, deals: _Deals) -> Step:
    """The stage's step; what it remembers does not outlive a deal."""
    known = deals.number

    def step(records: Sequence[Record]) -> None:
        nonlocal known
        if known != deals.number:
            known = deals.number
            stage.forget()
        stage.step(records)

    return step


def _agent(app: faust.App, stage: Stage, on_fault: Callable[[str], None], watch: StepWatch) -> None:
    let_go = lambda: _let_go(app, stage.topic)  # noqa: E731
    edge = Edge(stage.name, stage.step, on_fault, stage.suspicion, watch, let_go, stage.pulse)
    topic = app.topic(stage.topic, key_serializer="raw", value_serializer="raw")

    async def agent(stream: Any) -> None:
        async for events in stream.noack_take(stage.most, within=stage.within):
            await edge.run(events)
            for event in events:
                await stream.ack(event)

    app.agent(topic, name=f"{app.conf.id}.{stage.name}")(agent)


def _let_go(app: faust.App, topic: str) -> None:
    """Have Faust wait no longer for what it handed out of a topic; it stays unacknowledged.

    With `stream_wait_empty` a rebalance, and so every member of the group, would wait for a step that is held.
    """
    consumer: Any = app.consumer
    waited_for = consumer._unacked_messages  # noqa: SLF001 -- Faust has no word for it
    for message in [each for each in waited_for if each.topic == topic]:
        waited_for.discard(message)


def assigned(app: faust.App) -> set[Place]:
    """The partitions this worker believes are its own; may be asked from any thread."""
    try:
        return {(place.topic, place.partition) for place in app.consumer.assignment()}
    except ConsumerNotStarted:
        return set()
