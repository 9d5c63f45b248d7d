"""How long the API takes for what marketers ask: previews of unsaved definitions, pages of members, explanations."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import islice

from deploy.bench.mixed import Mixed
from deploy.bench.questions import Asked, explanations, members, previews
from deploy.bench.scale import Doors, Scale
from deploy.loading.client import Client

ASKED: Mapping[str, Asked] = {"preview": previews, "page of members": members, "explain": explanations}
FAILED = "failed"


async def time_questions(
    doors: Doors, scale: Scale, defined: Sequence[Mixed], advance: Callable[[float], None]
) -> dict[str, list[float]]:
    """Seconds of each answer, one question after another, by what was asked; those that are not 200 under "failed"."""
    found: dict[str, list[float]] = {name: [] for name in (*ASKED, FAILED)}
    async with Client(doors.api, doors.api_key) as client:
        await client.get("/v1/segments", {"limit": "1"})  # connected before the first counts
        for name, asked in ASKED.items():
            for question in islice(asked(scale, defined), scale.questions):
                began = time.monotonic()
                good = await question.ask(client)
                found[name if good else FAILED].append(time.monotonic() - began)
                advance(1)
    return found
