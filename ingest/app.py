"""Builds ingest from its parts. Everything it needs of the world is a parameter."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from fastapi import FastAPI
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.types import Receive, Scope, Send

from ingest.answers import Accepted, AllRejected
from ingest.buffer import Buffer
from ingest.channels import rate_link
from ingest.channels.channel import Channel
from ingest.channels.forms import channel as forms
from ingest.channels.table import channels
from ingest.cors import Cors
from ingest.events_at_once import EventsAtOnce, is_of_events
from ingest.following import SourceFollowing
from ingest.group_commit import GroupCommit
from ingest.intake import Intake
from ingest.keys import KeyRing
from ingest.metrics import IngestMetrics
from ingest.outbox import Outbox
from ingest.ports import Producer
from ingest.public_rate import AddressLimit, PublicRate
from ingest.rate import RateLimit
from ingest.reception import Reception
from ingest.request_count import RequestCount
from ingest.room import Room
from ingest.routes.channels import channel_routes
from ingest.routes.events import events_routes
from ingest.routes.imports import imports_routes
from ingest.routes.sdk_settings import SDK_SETTINGS_PATHS, sdk_settings_routes
from ingest.uploads import Uploads
from schemas.export import event_schema
from schemas.gates import Gate
from schemas.health import Dependency, Health
from schemas.http.description import Problem, components, describe
from schemas.http.docs import install_docs
from schemas.http.health import health_routes
from schemas.http.problems import fault_response, install
from schemas.http.request_id import RequestIds
from schemas.settings import IngestSettings
from schemas.topics import Role, Topic

_SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "a write key"},
    "basic": {"type": "http", "scheme": "basic", "description": "a write key as user, any password"},
}

_UPLOADS_AT_ONCE = 2


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What ingest is made of."""

    producer: Producer
    door: Gate
    keys: KeyRing
    topics: Mapping[Role, Topic]
    dependencies: Sequence[Dependency]
    free: Callable[[], int]
    """How many bytes the disk has left."""
    following: SourceFollowing | None = None
    """Keeps `keys`, and the contracts that `door` asks for, as operators say."""
    close: Callable[[], None] = lambda: None
    """Called once at the end, when every request is answered; may block."""
    clock: Callable[[], datetime] = _now
    seconds: Callable[[], float] = time.monotonic
    new_id: Callable[[], str] = _new_id
    """Makes ids for events of channels that came without one."""
    channels: Sequence[Channel] = field(default_factory=channels)
    zone: str = "Asia/Shanghai"
    """Of times in uploaded files that have no offset."""


class Ingest(FastAPI):
    """The application; what is asked most is answered before the framework."""

    def __init__(self, events: EventsAtOnce, **said: Any) -> None:
        super().__init__(**said)
        self._events = ServerErrorMiddleware(events, handler=fault_response)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if is_of_events(scope):
            await self._events(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_app(settings: IngestSettings, parts: Parts) -> FastAPI:
    """Build ingest: POST /v1/events, beside /livez, /readyz, /metrics and /openapi.json."""
    metrics = IngestMetrics()
    room = Room(parts.free, settings.min_free_bytes, parts.seconds, metrics)
    intake = _intake(settings, parts, metrics, room)
    disk = Dependency("disk", room.complaint, "disk_nearly_full")
    health = Health([*parts.dependencies, disk], clock=parts.clock, seconds=parts.seconds, told=metrics.tell_dependency)
    app = Ingest(
        EventsAtOnce(parts.keys, intake, metrics),
        title="cdp ingest",
        version="1",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(parts, health),
    )
    app.include_router(events_routes(parts.keys, intake))
    app.include_router(channel_routes(parts.channels, Reception(parts.keys, intake, parts.new_id)))
    app.include_router(sdk_settings_routes(parts.keys))
    uploads = Uploads(intake, parts.zone, asyncio.Semaphore(_UPLOADS_AT_ONCE))
    app.include_router(imports_routes(parts.keys, uploads, settings.upload_bytes))
    app.include_router(health_routes(health, metrics.registry, "kafka_unavailable", "disk_nearly_full"))
    app.add_middleware(
        PublicRate,
        limit=AddressLimit(settings.public_rate, parts.seconds),
        each=[forms.ADDRESS],
        together=[rate_link.ADDRESS],
    )
    app.add_middleware(Cors, templates=[forms.ADDRESS], may=forms.origins(parts.channels))
    app.add_middleware(Cors, templates=[*_for_browsers(parts.channels), *SDK_SETTINGS_PATHS])
    app.add_middleware(RequestIds)
    app.add_middleware(RequestCount, metrics=metrics)
    install(app)
    install_docs(app)
    describe(app, _schemas, _SECURITY)
    return app


def _intake(settings: IngestSettings, parts: Parts, metrics: IngestMetrics, room: Room) -> Intake:
    buffer = Buffer(settings.buffer_bytes, metrics)
    outbox = Outbox(parts.producer, buffer, metrics)
    events = parts.topics["events"].name
    return Intake(
        door=parts.door,
        room=room,
        rate=RateLimit(settings.rate, parts.seconds),
        buffer=buffer,
        group_commit=GroupCommit(parts.producer, outbox, events, settings.linger_ms / 1000, metrics, parts.clock),
        outbox=outbox,
        topics=dict(parts.topics),
        ack_timeout=settings.ack_timeout,
        clock=parts.clock,
        metrics=metrics,
    )


def _for_browsers(channels: Sequence[Channel]) -> list[str]:
    return [path.template for channel in channels if channel.browsers for path in channel.paths]


def _lifespan(parts: Parts, health: Health) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if parts.following:
            parts.following.start()
        async with health.watched():
            yield
        if parts.following:
            await asyncio.to_thread(parts.following.stop)
        await asyncio.to_thread(parts.close)

    return lifespan


def _schemas() -> dict[str, Any]:
    """Give the schemas that OpenAPI refers to; those of events are the published ones."""
    event = orjson.loads(orjson.dumps(event_schema()).replace(b"#/$defs/", b"#/components/schemas/"))
    families = event.pop("$defs", {})
    return {**components([Accepted, AllRejected, Problem]), **families, "NativeEvent": event}
