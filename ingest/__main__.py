"""Starts ingest: `python -m ingest`. The only place of ingest that reads the environment."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import uvicorn

from ingest.app import Parts, create_app
from ingest.channels.channel import Channel
from ingest.channels.forms.channel import Forms
from ingest.channels.rate_link import RateLinks
from ingest.channels.shop.accounts import accounts
from ingest.channels.table import channels
from ingest.following import SourceFollowing
from ingest.keys import KeyRing
from ingest.room import free_bytes
from projections.log.admin import LogAdmin
from projections.log.follow import LogFollower
from projections.log.probe import kafka_dependency
from projections.log.producer import LogProducer
from schemas.collector import relax_collector
from schemas.contracts.model import Mode
from schemas.door import Door
from schemas.forms import read_forms
from schemas.gates import ContractGate
from schemas.health import Dependency
from schemas.logs import configure
from schemas.rate_links import signing_key
from schemas.settings import Settings
from schemas.source_register import SourceRegister
from schemas.sources import Source
from schemas.topics import catalogue

_ANSWER_SECONDS = 5.0
"""Beyond the ack, how long a request in flight may take to end after SIGTERM."""
_BLOCK: frozenset[Mode] = frozenset({"block"})
"""Of what breaks a contract, ingest refuses only what is to be refused; the rest is for the recorder to judge."""


def main() -> None:
    """Serve until SIGTERM; then answer what is in flight, flush the producer, and end."""
    relax_collector()
    settings = Settings()
    configure(settings.log_level, "ingest")
    app = create_app(settings.ingest, _parts(settings))
    uvicorn.run(
        app,
        host=settings.ingest.host,
        port=settings.ingest.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=int(settings.ingest.ack_timeout + _ANSWER_SECONDS),
    )


def _parts(settings: Settings) -> Parts:
    topics = catalogue(settings.kafka.topic_prefix)
    bootstrap = settings.kafka.bootstrap or f"127.0.0.1:{settings.kafka.port}"
    producer = LogProducer(
        bootstrap,
        "cdp-ingest",
        topics=[topics["events"].name],
        delivery_timeout=settings.ingest.ack_timeout,
        linger_ms=0,  # group commit has waited already
    )
    admin = LogAdmin(bootstrap, client_id="cdp-ingest-ready")

    def close() -> None:
        producer.close(settings.ingest.ack_timeout)
        admin.close()

    register = SourceRegister(settings.declared_sources())
    keys = KeyRing(_keys(settings, register), is_known=False)
    following = SourceFollowing(LogFollower(bootstrap, topics["control"].name, "cdp-ingest-sources"), register, keys)
    return Parts(
        producer=producer,
        door=ContractGate(Door(settings.region, namespaces=settings.namespaces()), register.contract_at, _BLOCK),
        keys=keys,
        topics=topics,
        free=lambda: free_bytes(settings.data_dir),
        dependencies=[_dependency(admin, [topics["events"].name, topics["dead_letters"].name], following)],
        following=following,
        close=close,
        channels=_channels(settings),
        zone=settings.time_zone,
    )


def _channels(settings: Settings) -> tuple[Channel, ...]:
    """All channels. Raises UnusableForm."""
    sources, secret = settings.declared_sources(), settings.link_secret.get_secret_value()
    return channels(
        accounts(settings.channels, sources),
        Forms(read_forms(settings.forms_folder()), sources),
        RateLinks(signing_key(secret) if secret else b"", sources),
    )


def _dependency(admin: LogAdmin, topics: list[str], following: SourceFollowing) -> Dependency:
    """Kafka is up when it takes events, and has said which write keys there are."""
    kafka = kafka_dependency(admin, topics)
    return replace(kafka, probe=lambda: kafka.probe() or following.complaint())


def _keys(settings: Settings, register: SourceRegister) -> dict[str, Source]:
    """Give the source of each hash; keys that are set in the clear are hashed here and not kept."""
    named = {
        sha256(key.get_secret_value().encode()).hexdigest(): name for name, key in settings.write_keys.items()
    } | settings.write_key_hashes
    return {digest: register.settled[name] for digest, name in named.items()}


if __name__ == "__main__":
    main()
