"""`after`: an answer waits until all a position names has arrived everywhere, or says not yet."""

from __future__ import annotations

import asyncio

import pytest

from api.parameters import Awaited
from api.waiting import wait_for
from schemas.errors import NotYet
from tests.api.ledger import Ledger

EVENT = Awaited({"events": {0: 5}}, 0.05)


@pytest.fixture
def ledger() -> Ledger:
    """One event that touched somebody, left a letter, and named two identifiers; joining them touched another."""
    ledger = Ledger()
    ledger.outputs[("events", 0), 5] = {("touched", 2): 8, ("letters", 1): 3, ("identity", 0): 4}
    ledger.outputs[("identity", 0), 4] = {("touched", 1): 9}
    ledger.outputs[("control", 0), 2] = {("identity", 0): 4}
    return ledger


def arrive(ledger: Ledger) -> None:
    ledger.done("recorder", "events", 0, 5)
    ledger.done("resolver", "identity", 0, 4)
    ledger.done("profiler", "touched", 2, 8)
    ledger.done("profiler", "touched", 1, 9)
    ledger.done("undertaker", "letters", 1, 3)


async def waits(ledger: Ledger, asked: Awaited = EVENT) -> bool:
    try:
        await wait_for(ledger, asked)  # type: ignore[arg-type]
    except NotYet:
        return True
    return False


async def test_nothing_to_wait_for_asks_nothing() -> None:
    """Most questions."""
    ledger = Ledger()
    assert not await waits(ledger, Awaited({}, 0.0))
    assert ledger.asked == 0


async def test_all_of_it_has_to_arrive(ledger: Ledger) -> None:
    """Recorded, folded and buried: without any one of them it is not yet."""
    arrive(ledger)
    assert not await waits(ledger)
    for stage, heads in list(ledger.heads.items()):
        del ledger.heads[stage]
        assert await waits(ledger), stage
        ledger.heads[stage] = heads


async def test_a_letter_of_ingest_is_waited_for_by_itself(ledger: Ledger) -> None:
    """A request all of whose events were refused has no events in the log."""
    asked = Awaited({"dead_letters": {1: 3}}, 0.05)
    assert await waits(ledger, asked)
    ledger.done("undertaker", "letters", 1, 3)
    assert not await waits(ledger, asked)


async def test_what_joining_touched_has_to_arrive(ledger: Ledger) -> None:
    """The resolver's own touches are followed, too."""
    arrive(ledger)
    ledger.done("profiler", "touched", 1, 8)
    assert await waits(ledger)


async def test_what_operators_said_has_to_arrive(ledger: Ledger) -> None:
    """New rules hold when everybody has been weighed by them, and folded."""
    asked = Awaited({"control": {0: 2}}, 0.05)
    assert await waits(ledger, asked)
    ledger.done("governor", "control", 0, 2)
    assert await waits(ledger, asked)
    ledger.done("resolver", "identity", 0, 4)
    assert await waits(ledger, asked)
    ledger.done("profiler", "touched", 1, 9)
    assert not await waits(ledger, asked)


async def test_everybody_has_to_be_evaluated_by_a_new_definition(ledger: Ledger) -> None:
    """The steps of its pass write each other: the last one is not among what the governor wrote."""
    asked = Awaited({"control": {0: 2}}, 0.05)
    ledger.done("governor", "control", 0, 2)
    arrive(ledger)
    ledger.built = {3, 7}
    assert await waits(ledger, asked)
    ledger.built = {7}
    assert not await waits(ledger, asked)


async def test_what_arrives_meanwhile_ends_the_wait(ledger: Ledger) -> None:
    """Long before the timeout."""
    waiting = asyncio.create_task(waits(ledger, Awaited(EVENT.position, 30.0)))
    while not ledger.asked:
        await asyncio.sleep(0)
    arrive(ledger)
    assert not await asyncio.wait_for(waiting, 5)


async def test_a_timeout_of_nothing_looks_once(ledger: Ledger) -> None:
    """`timeout=0` answers at once, either way."""
    asked = Awaited(EVENT.position, 0.0)
    assert await waits(ledger, asked)
    arrive(ledger)
    assert not await waits(ledger, asked)
