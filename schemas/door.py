"""The door: bytes in, an admitted event or one rejection out. The same at ingest and behind Kafka."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from schemas.canonical import content_hash
from schemas.decoding import decode_event, event_id_of, is_deeper_than
from schemas.errors import Rejected
from schemas.event import Event, record_key
from schemas.events import NATIVE_EVENT, Envelope, written
from schemas.identifiers import Identifier, normalise_ids
from schemas.numbers import plain
from schemas.plain_event import PLAIN_DEPTH, PlainEvent, read_plain
from schemas.refusals import refusal
from schemas.sources import Source
from schemas.times import Moment
from schemas.upcast import CURRENT_VERSION, upcast

MAX_EVENT_BYTES = 32 * 1024
MAX_DEPTH = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Said = tuple[Envelope | PlainEvent, tuple[Identifier, ...]]
"""An event as read, and its identifiers."""


class Door:
    """What is the same for all events: region of phones without a country, limits, namespaces declared."""

    def __init__(
        self,
        region: str,
        max_event_bytes: int = MAX_EVENT_BYTES,
        max_depth: int = MAX_DEPTH,
        future: timedelta = timedelta(hours=24),
        namespaces: AbstractSet[str] = frozenset(),
    ) -> None:
        self._region = region
        self._max_event_bytes = max_event_bytes
        self._max_depth = max_depth
        self._future = future
        self._namespaces = frozenset(namespaces)
        # Where fewer levels are let in than a plain event has, the models judge all.
        self._plain_bytes = max_event_bytes if max_depth >= PLAIN_DEPTH else 0

    def admit(self, raw: bytes, source: Source, now: datetime, version: int = CURRENT_VERSION) -> Event:
        """Read one event of `source`, written in this version of the native event.

        `now` is aware: at ingest the clock, behind Kafka the append time, so that a replay says the same.
        Whatever the bytes, raises nothing but Rejected, with the event_id when it could be read.
        """
        said, ids = self._read(raw, source, now, version)
        return _event(said, ids, source)

    def address(self, raw: bytes, source: Source, now: datetime) -> str:
        """Judge as `admit` does, for whoever only needs what `record_key` says of the event."""
        said, ids = self._read(raw, source, now, CURRENT_VERSION)
        return ids[0].address if ids else record_key(_event(said, ids, source))

    def _read(self, raw: bytes, source: Source, now: datetime, version: int) -> _Said:
        try:
            return self._judged(raw, source, now, version)
        except Rejected as rejected:
            rejected.event_id = event_id_of(raw)
            raise

    def _judged(self, raw: bytes, source: Source, now: datetime, version: int) -> _Said:
        may_be_plain = version == CURRENT_VERSION and len(raw) <= self._plain_bytes
        said = (read_plain(raw) if may_be_plain else None) or self._modelled(raw, version)
        ids = normalise_ids(
            said.ids,
            source=source.name,
            region=self._region,
            namespace=source.namespace,
            namespaces=self._namespaces,
        )
        _require_ids(said, ids)
        self._require_time(said.occurred_at, now)
        return said, ids

    def _modelled(self, raw: bytes, version: int) -> Envelope:
        event = upcast(self._decoded(raw), version)
        try:
            said: Envelope = NATIVE_EVENT.validator.validate_python(event)
        except ValidationError as error:
            raise refusal(error, event) from None
        return said

    def _decoded(self, raw: bytes) -> dict[str, Any]:
        if len(raw) > self._max_event_bytes:
            limit = self._max_event_bytes
            raise Rejected("too_large", "", f"The event has {len(raw)} bytes; one event may have {limit}.")
        event = decode_event(raw)
        if is_deeper_than(self._max_depth, event, raw):
            raise Rejected("too_deep", "", f"The event is nested deeper than {self._max_depth} levels.")
        return event

    def _require_time(self, occurred_at: Moment, now: datetime) -> None:
        if occurred_at.utc < _EPOCH:
            raise Rejected("time_out_of_range", "/occurred_at", "occurred_at lies before 1970.")
        if occurred_at.utc - now > self._future:
            hours = self._future.total_seconds() / 3600
            raise Rejected("time_out_of_range", "/occurred_at", f"occurred_at lies more than {hours:g} h ahead.")


def _require_ids(said: Envelope | PlainEvent, ids: tuple[Identifier, ...]) -> None:
    if len(ids) >= said.least_ids:
        return
    if not ids:
        sentence = f"{said.type} needs a customer; ids names none (blanks and placeholders aside)."
        raise Rejected("no_identifier", "/ids", sentence)
    sentence = f"{said.type} speaks of at least {said.least_ids} identifiers; ids names {len(ids)}."
    raise Rejected("invalid_value", "/ids", sentence)


def _event(said: Envelope | PlainEvent, ids: tuple[Identifier, ...], source: Source) -> Event:
    utc, offset = said.occurred_at
    labels = (said.channel or "", said.store or "", said.batch or "")
    context: dict[str, Any] = {}
    moment: datetime | None = utc
    if isinstance(said, PlainEvent):
        data, thing = said.data, ""
    else:
        data = written(said.data)
        context = plain(said.context) if said.context else context
        thing = _thing(said, data, source)
        moment = None if said.time_derived else utc
    return Event(
        source=source.name,
        event_id=said.event_id,
        type=said.type,
        occurred_at=utc,
        utc_offset=offset,
        ids=ids,
        channel=labels[0],
        store=labels[1],
        batch=labels[2],
        data=data,
        context=context,
        thing=thing,
        content_hash=content_hash(said.type, moment, ids, labels, data),
    )


def _thing(said: Envelope, data: dict[str, Any], source: Source) -> str:
    """Name what the event is about; an order may be another source's."""
    if not said.thing:
        return ""
    owner = source.name
    if said.thing == "order":
        owner = data.get("order_source") or source.orders_of or owner
    return f"{said.thing}:{owner}/{data[f'{said.thing}_id']}"
