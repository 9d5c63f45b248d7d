"""Write keys for the sources of a simulated mall: made when it begins, taken back when it ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from deploy.errors import CannotReach
from deploy.loading.client import Client
from deploy.sources.door import SourcesDoor, path_of

_PATIENCE = 15.0
_LOOK = 0.1


@asynccontextmanager
async def borrowed_keys(api: SourcesDoor, ingest: str, sources: Sequence[str]) -> AsyncIterator[Mapping[str, Client]]:
    """A door for each source. Its keys hold as long as the context does. Raises CannotReach."""
    made: dict[str, Mapping[str, str]] = {}
    async with api:
        try:
            for source in sources:
                made[source] = await api.say("POST", path_of(source, "keys"), {"label": "cdp simulate"})
            await _await_keys(ingest, [each["key"] for each in made.values()])
            yield {source: Client(ingest, each["key"]) for source, each in made.items()}
        finally:
            for source, each in made.items():
                await _disabled(api, source, each["key_id"])


async def _await_keys(ingest: str, keys: Sequence[str]) -> None:
    """Until ingest takes them: a request without a body is refused with 401 before, and with 400 after."""
    deadline = time.monotonic() + _PATIENCE
    for key in keys:
        async with Client(ingest, key) as door:
            while (await door.ask("POST", "/v1/events")).status == 401:
                if time.monotonic() > deadline:
                    raise CannotReach(f"{ingest} does not take keys made at the API: is it of the same platform?")
                await asyncio.sleep(_LOOK)


async def _disabled(api: SourcesDoor, source: str, key_id: str) -> None:
    """The API may not know it yet when it was made a moment ago."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            await api.say("POST", path_of(source, "keys", f"{key_id}:disable"))
        except CannotReach:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(_LOOK)
        else:
            return
