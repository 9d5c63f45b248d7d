"""Waiting until what a position names has arrived in everything that is read."""

from __future__ import annotations

import asyncio
import time

from api.parameters import Awaited
from api.stages import Stages
from projections.progress import GOVERNOR, RECORDER, RESOLVER, TopicPartition, merge
from schemas.errors import NotYet

_PAUSE = 0.03


async def wait_for(stages: Stages, asked: Awaited) -> None:
    """Return when all of it has arrived. Raises NotYet when it has not within the timeout, Unavailable.

    Events are followed through the recorder to who is one person now, to what they touched, and to the dead letters
    they became; what operators said, through the governor until everybody is evaluated by it.
    """
    topics = stages.topics
    begun = [
        (RECORDER, topics.events, asked.position.get("events", {})),
        (GOVERNOR, topics.control, asked.position.get("control", {})),
    ]
    letters = {(topics.dead_letters, p): offset for p, offset in asked.position.get("dead_letters", {}).items()}
    if not letters and not any(offsets for *_, offsets in begun):
        return
    deadline = time.monotonic() + asked.timeout
    follow = letters
    for stage, topic, offsets in begun:
        wanted = {(topic, partition): offset for partition, offset in offsets.items()}
        while not (await stages.standing()).done(stage, wanted):
            await _pause(deadline)
        follow = merge([follow, *[await _produced(stages, stage, *each) for each in wanted.items()]])
    # A root that was read may have moved since, by what was recorded meanwhile.
    lately = await stages.latest_produced(RECORDER)
    follow = merge([follow, {place: offset for place, offset in lately.items() if place[0] == topics.identity}])
    while not (await stages.standing()).weighed(topics, follow):
        await _pause(deadline)
    weighed = [(place, offset) for place, offset in follow.items() if place[0] == topics.identity]
    follow = merge([follow, *[await _produced(stages, RESOLVER, place, offset) for place, offset in weighed]])
    while not (await stages.standing()).projected(topics, follow):
        await _pause(deadline)
    said = max(asked.position.get("control", {}).values(), default=None)
    while said is not None and await stages.is_building(said + 1):
        await _pause(deadline)


async def _produced(stages: Stages, stage: str, place: TopicPartition, offset: int) -> dict[TopicPartition, int]:
    return dict(await stages.produced(stage, place, offset) or {})


async def _pause(deadline: float) -> None:
    if time.monotonic() >= deadline:
        raise NotYet("Within the timeout not everything up to `after` has reached this answer; ask again.")
    await asyncio.sleep(_PAUSE)
