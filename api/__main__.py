"""Starts the API: `python -m api`. Reads the settings; everything else is handed on."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import uvicorn

from api.addresses import address_book
from api.app import create_app
from api.boundaries import BoundaryKeeper
from api.freshness import Freshness
from api.keys import ApiKeys
from api.lag import LagReader
from api.services import Services
from api.stages import Stages, Topics
from projections.database import Address, Database
from projections.log.admin import LogAdmin
from schemas.logs import configure
from schemas.settings import Settings
from schemas.topics import catalogue


def main() -> None:
    """Serve until told to stop."""
    settings = Settings()
    configure(settings.log_level, "api")
    uvicorn.run(
        create_app(_services(settings)),
        host=settings.api.host,
        port=settings.api.port,
        access_log=False,
        log_config=None,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=10,
    )


def _services(settings: Settings) -> Services:
    topics = catalogue(settings.kafka.topic_prefix)
    clickhouse = settings.clickhouse
    database = Database(
        Address(clickhouse.url, clickhouse.database, clickhouse.user, clickhouse.password.get_secret_value()),
        readonly=True,
        timeout=60.0,
    )
    admin = LogAdmin(settings.kafka.bootstrap, client_id="cdp-api")
    names = Topics(topics["events"].name, topics["touched"].name, topics["dead_letters"].name)
    stages = Stages(database, names)
    group = f"{settings.kafka.topic_prefix}cdp-processors"
    return Services(
        database=database,
        currency=settings.currency,
        keys=ApiKeys(settings.api_key_hashes),
        book=address_book(settings.region, settings.namespaces(), database),
        boundaries=BoundaryKeeper(database, settings.currency, _now),
        stages=stages,
        freshness=Freshness(admin, stages, _now, settings.stale_after),
        lag=LagReader(admin, group, (names.events, names.touched, names.dead_letters)),
        ready=lambda: asyncio.to_thread(database.answers),
    )


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
