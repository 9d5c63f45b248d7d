"""How long the API takes for what marketers ask: previews of unsaved definitions, pages of members, explanations."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any
from urllib.parse import quote

from deploy.bench.mixed import Mixed, mixed
from deploy.bench.scale import Doors, Scale, address_of
from deploy.loading.client import Client

ASKED = ("preview", "page of members", "explain")
FAILED = "failed"
_PAGE = "100"


async def time_questions(
    doors: Doors, scale: Scale, defined: Sequence[Mixed], advance: Callable[[float], None]
) -> dict[str, list[float]]:
    """Seconds of each answer, one question after another, by what was asked; those that are not 200 under "failed"."""
    found: dict[str, list[float]] = {name: [] for name in (*ASKED, FAILED)}
    async with Client(doors.api, doors.api_key) as client:
        await client.get("/v1/segments", {"limit": "1"})  # connected before the first counts
        for name, method, path, how in _questions(scale, defined):
            began = time.monotonic()
            answer = await client.ask(method, path, **how)
            found[name if answer.status == 200 else FAILED].append(time.monotonic() - began)
            advance(1)
    return found


def _questions(scale: Scale, defined: Sequence[Mixed]) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    chance = Random(scale.seed)  # noqa: S311 -- made-up data, guards nothing
    unsaved = mixed(len(defined), scale.seed + 1)
    for number in range(scale.questions):
        new = unsaved[number % len(unsaved)]
        yield "preview", "POST", f"/v1/{new.kind}s:preview", {"json": {"key": "preview", **new.body}}
    for _ in range(scale.questions):
        one = chance.choice(defined)
        yield "page of members", "GET", f"/v1/{one.kind}s/{one.key}/members", {"params": {"limit": _PAGE}}
    for _ in range(scale.questions):
        one, whom = chance.choice(defined), quote(address_of(chance.randrange(scale.customers)), safe="")
        yield "explain", "GET", f"/v1/{one.kind}s/{one.key}/explain/{whom}", {}
