"""The platform's two doors as a client sees them: ingest, patient when it is asked to be, and the query API."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import aiohttp

from deploy.errors import CannotReach
from deploy.loading.batches import Batch

_LATER: Final = frozenset({0, 429, 502, 503, 504})
_TOO_LARGE: Final = 413
_PATIENCE: Final = 120.0
_FIRST_WAIT, _LONGEST_WAIT = 0.2, 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """Status (0: no answer at all), the body's JSON object, and how many seconds to wait when told so."""

    status: int
    body: Mapping[str, Any]
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one request's events; `errors` tell (place, code and message)."""

    accepted: int
    rejected: int
    errors: tuple[tuple[str, str], ...]
    position: str | None


class Client:
    """One door, under one key. Use as an async context manager."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}"}

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(headers=self._headers, timeout=aiohttp.ClientTimeout(total=60))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        ndjson: bytes = b"",
        json: object = None,
    ) -> Answer:
        """One request, once, with one body or none."""
        how: dict[str, Any] = {"json": json} if json else {}
        if ndjson:
            how = {"data": ndjson, "headers": {"Content-Type": "application/x-ndjson"}}
        try:
            async with self._session.request(method, self._url + path, params=params, **how) as answer:
                body = await answer.json(content_type=None)
                return Answer(answer.status, body if isinstance(body, dict) else {}, _seconds(answer))
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return Answer(0, {})

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        """What the API answers; raises CannotReach for anything but 200."""
        return self.expect(await self.ask("GET", path, params=params))

    def expect(self, answer: Answer) -> Mapping[str, Any]:
        """The body of a good answer; raises CannotReach for another."""
        if answer.status == 200:
            return answer.body
        raise self.complaint(answer)

    def complaint(self, answer: Answer) -> CannotReach:
        """One sentence about an answer that is no help."""
        if not answer.status:
            return CannotReach(f"Nothing answers at {self._url}. cdp status tells whether the platform is up.")
        if answer.status in {401, 403}:
            return CannotReach(
                f"{self._url} does not take this key. Keys are in keys.json of the data directory, "
                "or in CDP_WRITE_KEYS and CDP_API_KEYS."
            )
        detail = answer.body.get("detail") or "no reason given"
        return CannotReach(f"{self._url} answered {answer.status}: {detail}")


async def send(ingest: Client, batch: Batch) -> Receipt:
    """Send a request until ingest takes it or refuses it; waits as long as it asks. Raises CannotReach."""
    return _receipt(ingest, batch, await deliver(ingest, batch.body))


async def deliver(ingest: Client, body: bytes) -> Answer:
    """Send NDJSON until there is an answer that asking again would not change. Raises CannotReach."""
    wait, deadline = _FIRST_WAIT, time.monotonic() + _PATIENCE
    while True:
        answer = await ingest.ask("POST", "/v1/events", ndjson=body)
        if answer.status not in _LATER:
            return answer
        pause = answer.retry_after or wait
        if time.monotonic() + pause > deadline:
            raise ingest.complaint(answer)
        await asyncio.sleep(pause)
        wait = min(2 * wait, _LONGEST_WAIT)


def _receipt(ingest: Client, batch: Batch, answer: Answer) -> Receipt:
    said = answer.body
    if "accepted" in said and "rejected" in said:
        errors = tuple((batch.lines[each["index"]].place, _why(each)) for each in said["errors"])
        return Receipt(said["accepted"], said["rejected"], errors, said.get("position"))
    if answer.status == _TOO_LARGE:
        errors = tuple((line.place, "larger than a request may be") for line in batch.lines)
        return Receipt(0, len(batch.lines), errors, None)
    raise ingest.complaint(answer)


def _why(error: Mapping[str, str]) -> str:
    return f"{error['code']} {error['pointer']}: {error['message']}"


def _seconds(answer: aiohttp.ClientResponse) -> float | None:
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isdigit() else None
