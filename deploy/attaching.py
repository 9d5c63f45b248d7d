"""A running platform as commands see it that work on its servers directly, not through its API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass

from deploy import fixed
from deploy.addresses import read_addresses
from deploy.errors import CannotReach
from deploy.keys import known_keys
from deploy.owner import is_owned
from deploy.platform import clickhouse_address
from processors.recorder.sources import SourceWatch
from projections.database import Address
from projections.log.follow import LogFollower
from projections.profiles import Terms
from schemas.door import Door
from schemas.settings import Settings
from schemas.source_register import SourceRegister
from schemas.sources import Source
from schemas.topics import Role, catalogue


@dataclass(frozen=True, slots=True)
class Attached:
    """Where its servers are, and in whose terms it reads events."""

    clickhouse: Address
    kafka: str
    topics: Mapping[Role, str]
    group: str
    terms: Terms
    door: Door
    sources: Mapping[str, Source]

    @contextmanager
    def watching(self) -> Iterator[SourceWatch]:
        """What operators said of sources beside those."""
        follower = LogFollower(self.kafka, self.topics["control"], "cdp-attached-sources")
        with closing(follower):
            yield SourceWatch(follower, SourceRegister(self.sources))


def attach(settings: Settings) -> Attached:
    """The platform of a data directory, or of the servers that the settings name. Raises CannotReach."""
    known = read_addresses(settings.data_dir) if is_owned(settings.data_dir) else None
    kafka = settings.kafka.bootstrap or (known.kafka if known else "")
    clickhouse = settings.clickhouse.url or (known.clickhouse if known else "")
    if not kafka or not clickhouse:
        raise CannotReach(f"No platform runs on {settings.data_dir}. Start it with cdp up, or name another --data-dir.")
    prefix = settings.kafka.topic_prefix
    settings = _as_started(settings)
    return Attached(
        clickhouse_address(settings, clickhouse),
        kafka,
        {role: topic.name for role, topic in catalogue(prefix).items()},
        f"{prefix}cdp-processors",
        Terms(settings.currency, settings.time_zone, settings.trait_sources),
        Door(settings.region, namespaces=settings.namespaces()),
        settings.declared_sources(),
    )


def _as_started(settings: Settings) -> Settings:
    """With what the directory fixes, and the sources of the keys that were made there."""
    if not settings.data_dir.is_dir():
        return settings
    hashes = known_keys(settings.data_dir, settings).write_key_hashes()
    settled = fixed.settle(settings.data_dir, settings) if (settings.data_dir / "platform.json").exists() else settings
    return settled.model_copy(update={"write_key_hashes": {**settings.write_key_hashes, **hashes}})
