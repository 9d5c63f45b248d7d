"""The dead letters of a running platform: asked for, replayed, purged; and the breaker before them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

import aiohttp
import msgspec

from deploy.errors import CannotReach
from deploy.loading.client import Answer, Client
from schemas.positions import encode, merge

_PATIENCE = aiohttp.ClientTimeout(total=600.0)
_ENCODER = msgspec.json.Encoder(decimal_format="number")

Filter = Mapping[str, Any]


class LettersDoor(Client):
    """Use as an async context manager. Every method raises CannotReach for anything but a good answer."""

    async def replay(
        self, wanted: Filter, patch: msgspec.Raw | None, *, dry_run: bool
    ) -> AsyncIterator[Mapping[str, Any]]:
        """What became of the letters, 20,000 at most an answer, until all were looked at."""
        cursor: str | None = None
        while True:
            body = {"filter": dict(wanted), "dry_run": dry_run}
            body |= {"patch": patch} if patch else {}
            said = await self.order("/v1/dead-letters/replay", {**body, "cursor": cursor} if cursor else body)
            yield said
            cursor = said["next_cursor"]
            if cursor is None:
                return

    async def order(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Order something. Numbers of the body go out as they are written."""
        try:
            how: dict[str, Any] = {"data": _ENCODER.encode(body), "headers": {"Content-Type": "application/json"}}
            async with self._session.post(self._url + path, timeout=_PATIENCE, **how) as answer:
                said = await answer.json(content_type=None)
                return self.expect(Answer(answer.status, said if isinstance(said, dict) else {}))
        except (aiohttp.ClientError, TimeoutError, ValueError):
            raise CannotReach(f"{self._url} does not answer POST {path}.") from None

    async def arrived(self, positions: Iterable[str]) -> bool:
        """Whether the recorder and all behind it are through with what was replayed, within half a minute."""
        asked = {"after": encode(merge(positions)), "timeout": "30", "limit": "1"}
        return (await self.ask("GET", "/v1/dead-letters", params=asked)).status == 200


async def breaker(door: LettersDoor) -> Mapping[str, Any]:
    """Whether the recorder is held."""
    async with door as api:
        return await api.get("/v1/dead-letters/breaker")
