"""Where steps meet the event loop: patient with an absent server, fatal to the process otherwise."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from processors import edge
from processors.edge import Edge
from processors.holding import Held
from processors.records import Record
from schemas.errors import Unavailable


class Ended(BaseException):
    """Stands for the end of the process."""


def end(step: str) -> None:
    raise Ended(step)


def fetched(headers: Any = ()) -> SimpleNamespace:
    message = SimpleNamespace(
        topic="events", partition=3, offset=7, timestamp=1_795_305_600.123, key=b"k", value=b"v", headers=headers
    )
    return SimpleNamespace(message=message)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge, "_FIRST_WAIT", 0.001)


async def test_an_absent_server_is_waited_for() -> None:
    """The same records are given to the step again until it is done with them."""
    tries: list[Sequence[Record]] = []

    def step(records: Sequence[Record]) -> None:
        tries.append(records)
        if len(tries) < 3:
            raise Unavailable("clickhouse", "gone")

    await Edge("step", step, end).run([fetched()])
    assert len(tries) == 3
    assert tries[0] == tries[1] == tries[2]


async def test_a_held_step_is_tried_again_and_lets_go() -> None:
    """The process lives, nothing is acknowledged, and nobody waits for the records meanwhile."""
    tries: list[Sequence[Record]] = []
    let_go: list[str] = []

    def step(records: Sequence[Record]) -> None:
        tries.append(records)
        if len(tries) < 3:
            raise Held("too much is refused")

    await Edge("step", step, end, let_go=lambda: let_go.append("step")).run([fetched()])
    assert len(tries) == 3
    assert len(let_go) >= 2


async def test_any_other_failure_ends_the_process() -> None:
    """Nothing is acknowledged after a step that failed; whoever started the process starts it again."""

    def step(_: Sequence[Record]) -> None:
        raise ZeroDivisionError

    with pytest.raises(Ended, match="recorder"):
        await Edge("recorder", step, end).run([fetched()])


async def test_how_steps_go_is_told() -> None:
    """Rounds with their records and seconds; whom a round waited for; which was held, which failed otherwise."""
    told: list[tuple[object, ...]] = []

    class Watch:
        def done(self, step: str, records: int, seconds: float) -> None:
            told.append((step, records, seconds > 0))

        def waits(self, step: str, dependency: str) -> None:
            told.append((step, dependency))

        def held(self, step: str) -> None:
            told.append((step, "held"))

        def failed(self, step: str) -> None:
            told.append((step, "failed"))

    def wrong() -> None:
        raise ZeroDivisionError

    def away() -> None:
        raise Unavailable("kafka", "gone")

    def too_much() -> None:
        raise Held("too much is refused")

    outcomes = iter([away, too_much, lambda: None, wrong])
    runner = Edge("step", lambda _: next(outcomes)(), end, watch=Watch())
    await runner.run([fetched(), fetched()])
    with pytest.raises(Ended):
        await runner.tick()
    assert told == [("step", "kafka"), ("step", "held"), ("step", 2, True), ("step", "failed")]


async def test_steps_run_beside_the_event_loop_in_one_thread() -> None:
    """Heartbeats go on while a step waits, and a step need not be safe for threads."""
    threads: list[int] = []
    runner = Edge("step", lambda _: threads.append(threading.get_ident()), end)
    await runner.run([fetched()])
    await runner.tick()
    assert len(threads) == 2
    assert len({*threads, threading.get_ident()}) == 2


@pytest.mark.parametrize(
    ("headers", "read"),
    [
        ((("source", b"pos"), ("x", None)), {"source": b"pos"}),
        ({"source": b"pos", "x": None}, {"source": b"pos"}),
        (None, {}),
        ((), {}),
    ],
)
async def test_a_record_is_what_kafka_says(headers: Any, read: dict[str, bytes]) -> None:
    """Place, append time to the millisecond, key, value, and headers in whatever form the client gives them."""
    seen: list[Record] = []
    await Edge("step", seen.extend, end).run([fetched(headers)])
    (one,) = seen
    assert (one.topic, one.partition, one.offset, one.key, one.value) == ("events", 3, 7, b"k", b"v")
    assert one.appended_at.isoformat() == "2026-11-22T00:00:00.123000+00:00"
    assert one.headers == read
