"""Waits until what was sent has arrived in what is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

from deploy.loading.client import Client

_NOT_YET: Final = 504
_LOOK: Final = 1.0

OnBehind = Callable[[int], None]
"""Told now and then how many records of the log are still to be done."""


async def ask_after(api: Client, path: str, position: str, on_behind: OnBehind, **params: str) -> Mapping[str, Any]:
    """What the API answers once everything up to `position` is in the answer. Raises CannotReach."""
    looking = asyncio.create_task(_look(api, on_behind))
    try:
        asked = {**params, "after": position, "timeout": "30"}
        while (answer := await api.ask("GET", path, params=asked)).status == _NOT_YET:
            continue
        return api.expect(answer)
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


async def _look(api: Client, on_behind: OnBehind) -> None:
    while True:
        answer = await api.ask("GET", "/v1/lag")
        on_behind(sum(row["lag"] for row in answer.body.get("groups", ())))
        await asyncio.sleep(_LOOK)
