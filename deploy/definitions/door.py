"""The definitions of a running platform, as the commands that change them see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp

from deploy.definitions.reading import Written, refused
from deploy.errors import CannotReach
from deploy.loading.client import Answer, Client
from schemas.definitions import canonical
from schemas.errors import CdpError

_PATIENCE = 600.0
_PLANNING = aiohttp.ClientTimeout(total=_PATIENCE)


class Outdated(CdpError):
    """What was planned is not what is there any more."""


class Door(Client):
    """Plans and puts definitions. Use as an async context manager."""

    async def plan(self, written: list[Written]) -> Mapping[str, Any]:
        """What would change. Raises BadFiles for what is refused, CannotReach."""
        body = {"definitions": [canonical(each.definition) for each in written]}
        answer = await self._say("POST", "/v1/definitions:plan", body, {})
        if answer.status == 422 and answer.body.get("errors"):
            raise refused(written, answer.body["errors"])
        return self.expect(answer)

    async def put(self, planned: Sequence[Mapping[str, Any]]) -> str:
        """Put some as they were planned; gives the position of them. Raises Outdated, CannotReach."""
        body = {
            "definitions": [each["definition"] for each in planned],
            "etags": {f"{each['kind']}:{each['key']}": each["etag"] for each in planned},
        }
        answer = await self._say("POST", "/v1/definitions:apply", body, {})
        if answer.status == 412:
            raise Outdated("Somebody changed one of these definitions since they were planned. Plan again, then apply.")
        said = self.expect(answer)
        if refused := [f"{each['kind']} {each['key']}" for each in said["data"] if each["refused"]]:
            raise Outdated(f"Somebody changed these meanwhile, so they were left: {', '.join(refused)}. Plan again.")
        return str(said.get("position") or "")

    async def share(self, planned: Mapping[str, Any], position: str) -> float:
        """How far its members are computed, from 0 to 1."""
        params = {"after": position, "timeout": "30"} if position else None
        answer = await self.ask("GET", _path(planned), params=params)
        if answer.status == 504:
            return 0.0
        building = self.expect(answer)["building"]
        return float(building["share"]) if building else 1.0

    async def _say(self, method: str, path: str, body: object, headers: Mapping[str, str]) -> Answer:
        try:
            how: dict[str, Any] = {"json": body, "headers": headers, "timeout": _PLANNING}
            async with self._session.request(method, self._url + path, **how) as answer:
                said = await answer.json(content_type=None)
                return Answer(answer.status, said if isinstance(said, dict) else {})
        except (aiohttp.ClientError, TimeoutError, ValueError):
            raise CannotReach(f"{self._url} does not answer {method} {path}.") from None


def _path(planned: Mapping[str, Any]) -> str:
    return f"/v1/{planned['kind']}s/{planned['key']}"
