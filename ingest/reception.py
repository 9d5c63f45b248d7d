"""The path of a channel's request: key, body, translation, judgement, the log, an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from starlette.requests import Request

from ingest.admission import Admission
from ingest.body import read_body
from ingest.channels.channel import Answer, Call, Channel, Item, Path
from ingest.intake import Intake
from ingest.item_admission import ItemJudge
from ingest.items import MAX_EVENTS
from ingest.keys import KeyRing, WriteKey
from ingest.receipt import Receipt
from schemas.errors import CdpError, RequestError
from schemas.sources import Source

_SLICE = 100
"""Items and events judged before other requests get their turn."""
MAX_NATIVE_BYTES = 16 * 2**20
"""Of one request's events as they are written: what holds for a whole list is written with each of them."""
_NO_KEY = "Send a write key: as Basic user or Bearer token, as X-Write-Key, or where this channel has it in the body."


@dataclass(frozen=True, slots=True)
class Reception:
    """Takes the requests of every channel."""

    keys: KeyRing
    intake: Intake
    new_id: Callable[[], str]

    async def receive(self, channel: Channel, path: Path, request: Request) -> tuple[Answer, Receipt | None]:
        """Take one request. Raises the errors that the channel leaves to be answered as problems."""
        call = self._call(path, request)
        try:
            receipt = await self._take(channel, call, request)
        except CdpError as refused:
            answer = channel.answer(call, refused)
            if answer is None:
                raise
            return answer, None
        return channel.answer(call, receipt) or Answer(200, b"{}"), receipt

    async def _take(self, channel: Channel, call: Call, request: Request) -> Receipt:
        """A key in the head is checked before the body is read; else the body may have one."""
        presented = channel.key(call)
        key = self._known(presented, request) if presented else None
        call = replace(call, body=await read_body(request, by_magic=True))
        key = key or self._known(channel.key(call), request)
        admission = await self._judged(channel, channel.translate(call, key.source), key, call)
        return await self.intake.write(key.source.name, admission)

    def _known(self, presented: bytes | Source, request: Request) -> WriteKey:
        if not presented:
            raise RequestError("unauthorized", _NO_KEY)
        key = self.keys.of(presented) if isinstance(presented, Source) else self.keys.known(presented)
        key.require_origin(request.headers.get("origin"))
        request.state.write_key = key
        self.intake.require(key)
        return key

    async def _judged(self, channel: Channel, items: Iterable[Item], key: WriteKey, call: Call) -> Admission:
        """Translate and judge, letting others have their turn now and then."""
        admission, judge = Admission(), ItemJudge(self.intake.door_of(key), channel, key.source, call.received_at)
        turn = _SLICE
        size = 0
        for index, item in enumerate(items):
            if index == MAX_EVENTS:
                raise RequestError("too_many_events", f"One request may carry {MAX_EVENTS} events.")
            size += judge.admit(index, item, admission)
            if size > MAX_NATIVE_BYTES:
                raise RequestError("payload_too_large", f"Its events may have {MAX_NATIVE_BYTES} bytes together.")
            if len(admission.admitted) + index >= turn:
                turn += _SLICE
                await asyncio.sleep(0)
        self.intake.rate.spend(key, len(admission.admitted) + len(admission.refused))
        return admission

    def rate_headers(self, request: Request) -> Mapping[str, str]:
        """What an answer says of the rate of the key that was found for a request."""
        key: WriteKey | None = getattr(request.state, "write_key", None)
        return self.intake.rate.headers(key) if key else {}

    def _call(self, path: Path, request: Request) -> Call:
        return Call(
            verb=path.verb or request.path_params["verb"],
            headers=dict(request.headers),
            query=dict(request.query_params),
            path=request.path_params,
            received_at=self.intake.clock(),
            new_id=self.new_id,
        )
