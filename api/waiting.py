"""Waiting until what a position names has arrived in everything that is read."""

from __future__ import annotations

import asyncio
import time

from api.parameters import Awaited
from api.stages import Stages
from projections.progress import RECORDER, TopicPartition, merge
from schemas.errors import NotYet

_PAUSE = 0.03


async def wait_for(stages: Stages, asked: Awaited) -> None:
    """Return when all of it has arrived. Raises NotYet when it has not within the timeout, Unavailable.

    Events are followed through the recorder to what they touched and to the dead letters they became.
    """
    events = {(stages.topics.events, p): offset for p, offset in asked.position.get("events", {}).items()}
    letters = {(stages.topics.dead_letters, p): offset for p, offset in asked.position.get("dead_letters", {}).items()}
    if not events and not letters:
        return
    deadline = time.monotonic() + asked.timeout
    while not (await stages.standing()).done(RECORDER, events):
        await _pause(deadline)
    follow = merge([letters, *[await _produced(stages, place, offset) for place, offset in events.items()]])
    while not (await stages.standing()).projected(stages.topics, follow):
        await _pause(deadline)


async def _produced(stages: Stages, place: TopicPartition, offset: int) -> dict[TopicPartition, int]:
    return dict(await stages.produced(place, offset) or {})


async def _pause(deadline: float) -> None:
    if time.monotonic() >= deadline:
        raise NotYet("Within the timeout not everything up to `after` has reached this answer; ask again.")
    await asyncio.sleep(_PAUSE)
