"""The sources of a running platform, as the commands about them see them."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import aiohttp

from deploy.errors import CannotReach
from deploy.loading.client import Answer, Client

_PAGE: Final = 200
_GOOD: Final = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED})


class SourcesDoor(Client):
    """Use as an async context manager. Every method raises CannotReach for anything but a good answer."""

    async def say(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """Order something of a source."""
        try:
            how: dict[str, Any] = {"json": body} if body is not None else {}
            async with self._session.request(method, f"{self._url}/v1/sources{path}", **how) as answer:
                said = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError):
            raise CannotReach(f"{self._url} does not answer {method} /v1/sources{path}.") from None
        if answer.status not in _GOOD:
            raise self._refused(Answer(answer.status, said if isinstance(said, dict) else {}))
        found: Mapping[str, Any] = said
        return found

    async def every(self, path: str) -> Mapping[str, Any]:
        """A whole list: the answer to its last page with the rows of all."""
        rows: list[Any] = []
        more = ""
        while True:
            answer = await self.say("GET", f"{path}{'&' if '?' in path else '?'}limit={_PAGE}{more}")
            rows += answer["data"]
            if not answer["next_cursor"]:
                return {**answer, "data": rows}
            more = f"&cursor={answer['next_cursor']}"

    def _refused(self, answer: Answer) -> CannotReach:
        """With where in the body it is wrong, when the answer says so."""
        errors = answer.body.get("errors") or []
        if answer.status in {400, 409, 422} and errors:
            return CannotReach("\n".join(f"{each['pointer']}: {each['message']}" for each in errors))
        return self.complaint(answer)


def path_of(source: str, *more: str) -> str:
    """The path of something of a source."""
    return "/".join(("", *(quote(each, safe=":") for each in (source, *more))))
