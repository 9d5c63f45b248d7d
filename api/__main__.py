"""Starts the API: `python -m api`. Reads the settings; everything else is handed on."""

from __future__ import annotations

import time
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import blake2b, sha256

import uvicorn

from api.addresses import address_book
from api.app import create_app
from api.boundaries import BoundaryKeeper
from api.controlling import ControlWriter
from api.deciding import Desk
from api.declared import DeclaredSources
from api.defining import DefinitionDesk
from api.freshness import Freshness
from api.hot_keys import HotKeys
from api.in_force import InForce
from api.keys import ApiKeys
from api.lag import LagWatch
from api.letter_orders import LetterOrders
from api.looking import LagReader
from api.publishing import EventWriter
from api.relinking import Relinker
from api.replaying import Replayer
from api.services import Services
from api.source_desk import SourceDesk
from api.stages import Stages, Topics
from api.unread import Unread
from projections.controls import outcome
from projections.database import Address, Database
from projections.log.admin import LogAdmin
from projections.log.consumer import read_spans
from projections.log.peek import LogPeek
from projections.log.probe import kafka_dependency
from projections.log.producer import LogProducer
from projections.matching import SuggestionStore
from projections.probe import clickhouse_dependency
from projections.profiles import Terms
from schemas.door import Door
from schemas.gates import ContractGate
from schemas.health import Dependency
from schemas.logs import configure
from schemas.settings import Settings
from schemas.topics import catalogue


def main() -> None:
    """Serve until told to stop."""
    settings = Settings()
    configure(settings.log_level, "api")
    uvicorn.run(
        create_app(_services(settings), _dependencies(settings)),
        host=settings.api.host,
        port=settings.api.port,
        access_log=False,
        log_config=None,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=10,
    )


def _services(settings: Settings) -> Services:
    names = _topics(settings)
    database = Database(_address(settings), readonly=True, timeout=60.0)
    admin = LogAdmin(settings.kafka.bootstrap, client_id="cdp-api")
    stages = Stages(database, names)
    producer = LogProducer(
        settings.kafka.bootstrap, "cdp-api", topics=[names.events], delivery_timeout=settings.ingest.ack_timeout
    )
    declared = DeclaredSources(database, settings.declared_sources())
    writer = _writer(settings, producer, names.events, declared)
    book = address_book(settings.region, settings.namespaces(), database)
    controls = ControlWriter(producer, names.control, settings.ingest.ack_timeout)
    in_force = InForce(database)
    writable = Database(_address(settings), timeout=60.0)
    return Services(
        database=database,
        terms=Terms(settings.currency, settings.time_zone, settings.trait_sources),
        keys=ApiKeys(settings.api_key_hashes),
        book=book,
        boundaries=BoundaryKeeper(
            database, settings.currency, _now, writable=writable, hysteresis=settings.rfm_hysteresis
        ),
        stages=stages,
        freshness=Freshness(admin, stages, _now, settings.stale_after),
        lag=_lag(settings, names, stages),
        writer=writer,
        relinker=Relinker(writer, book.identifier, _now),
        replayer=_replayer(settings, producer, writer, controls, declared),
        letter_orders=LetterOrders(database, controls, timedelta(days=settings.dead_letters.retention_days), _now),
        unread=Unread(admin, names, partial(read_spans, settings.kafka.bootstrap)),
        controls=controls,
        in_force=in_force,
        definitions=DefinitionDesk(
            library=in_force.library, outcome=lambda version: outcome(database, version), writer=controls
        ),
        declared=declared,
        sources=SourceDesk(declared, _write_keys(settings), controls, _now),
        desk=Desk(store=SuggestionStore(writable), writer=writer, identifier=book.identifier, clock=_now),
    )


def _lag(settings: Settings, topics: Topics, stages: Stages) -> LagReader:
    bootstrap = settings.kafka.bootstrap
    peek = LogPeek(bootstrap, client_id="cdp-api-peek")
    watch = LagWatch(
        offsets=LogAdmin(bootstrap, client_id="cdp-api-lag"),
        records=peek,
        group=f"{settings.kafka.topic_prefix}cdp-processors",
        topics=astuple(topics),
        late_after=settings.stale_after,
        clock=_now,
        seconds=time.monotonic,
    )
    secret = blake2b("\n".join(sorted(settings.api_key_hashes)).encode()).digest()
    return LagReader(watch, stages, HotKeys(peek, topics, secret, settings.region))


def _dependencies(settings: Settings) -> list[Dependency]:
    """Without Kafka questions are answered all the same; what operators say cannot be written."""
    topics = [topic.name for topic in catalogue(settings.kafka.topic_prefix).values()]
    admin = LogAdmin(settings.kafka.bootstrap, client_id="cdp-api-ready")
    return [clickhouse_dependency(_address(settings)), kafka_dependency(admin, topics, required=False)]


def _topics(settings: Settings) -> Topics:
    topics = catalogue(settings.kafka.topic_prefix)
    return Topics(
        events=topics["events"].name,
        identity=topics["identity"].name,
        touched=topics["touched"].name,
        dead_letters=topics["dead_letters"].name,
        control=topics["control"].name,
    )


def _address(settings: Settings) -> Address:
    clickhouse = settings.clickhouse
    return Address(clickhouse.url, clickhouse.database, clickhouse.user, clickhouse.password.get_secret_value())


def _write_keys(settings: Settings) -> dict[str, str]:
    """SHA-256 of each write key of the settings to its source."""
    clear = {sha256(key.get_secret_value().encode()).hexdigest(): name for name, key in settings.write_keys.items()}
    return clear | settings.write_key_hashes


def _writer(settings: Settings, producer: LogProducer, topic: str, declared: DeclaredSources) -> EventWriter:
    """What operators say goes into the log under the same door and patience as ingest's."""
    patience = settings.ingest.ack_timeout
    return EventWriter(
        producer=producer,
        door=Door(settings.region, namespaces=settings.namespaces()),
        sources=declared,
        topic=topic,
        ack_timeout=patience,
        clock=_now,
    )


def _replayer(
    settings: Settings, producer: LogProducer, writer: EventWriter, controls: ControlWriter, declared: DeclaredSources
) -> Replayer:
    """Replayed events go through the same door as an operator's, and are held against today's contracts."""
    return Replayer(
        database=declared.database,
        producer=producer,
        controls=controls,
        door=ContractGate(writer.door, declared.contract_at),
        sources=writer.sources,
        topic=writer.topic,
        rate=settings.dead_letters.replay_rate,
        ack_timeout=writer.ack_timeout,
        clock=_now,
    )


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
