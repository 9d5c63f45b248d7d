"""Every setting of the platform with its default and meaning; `.env.example` is written from here.

Only entry points call `Settings()` (which reads `CDP_…` variables and `.env`); everything else is given values.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, Field, SecretStr, StringConstraints, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.channel_settings import ChannelSettings
from schemas.sources import OPERATOR, Source

SourceName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]
_LAST_PORT: Final = 65535
Port = Annotated[int, Field(ge=0, le=_LAST_PORT)]
Sha256Hex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class SourceSettings(BaseModel, frozen=True, extra="forbid"):
    """What a source declares about itself beyond its name."""

    namespace: SourceName | None = Field(default=None, description="its own name space of customer identifiers")
    orders_of: SourceName | None = Field(default=None, description="the source whose orders its order events speak of")


class IngestSettings(BaseModel, frozen=True):
    """The door of the channels."""

    host: str = Field("127.0.0.1", description="address ingest listens on")
    port: Port = Field(8800, description="port of ingest; 0 = any free one, kept for the data directory")
    linger_ms: int = Field(10, ge=0, le=1000, description="least time between two writes to Kafka; events share them")
    buffer_bytes: int = Field(
        64 * 2**20, ge=2**22, description="bytes waiting for Kafka's ack before ingest answers 429"
    )
    ack_timeout: float = Field(10.0, gt=0, description="seconds to wait for Kafka's ack before ingest answers 503")
    min_free_bytes: int = Field(
        512 * 2**20,
        ge=0,
        description="bytes that must be free on the data directory's disk, else ingest answers 503; 0 = not looked at",
    )
    upload_bytes: int = Field(
        64 * 2**20, ge=2**20, description="bytes an uploaded file (POST /v1/imports) may have; cdp import has no limit"
    )
    rate: int = Field(0, ge=0, description="events a second each write key may send; 0 = no limit")
    public_rate: int = Field(
        120, ge=0, description="posts to one form, or clicks on rating links, a minute from one address; 0 = no limit"
    )


class ApiSettings(BaseModel, frozen=True):
    """The query API."""

    host: str = Field("127.0.0.1", description="address the API listens on")
    port: Port = Field(8801, description="port of the API; 0 = any free one, kept for the data directory")


class ProcessorsSettings(BaseModel, frozen=True):
    """The processors: where each tells its health and metrics."""

    host: str = Field("127.0.0.1", description="address on which the processors serve health and metrics")
    port: Port = Field(0, description="port of that; 0 = any free one, kept for the data directory")
    workers: int = Field(
        1,
        ge=1,
        le=64,
        description="how many of them cdp up runs; they share the partitions, each further one has the next port",
    )

    @model_validator(mode="after")
    def _ports_there_are(self) -> Self:
        if self.port and self.port + self.workers - 1 > _LAST_PORT:
            message = f"{self.workers} workers from port {self.port} on would need ports beyond {_LAST_PORT}"
            raise ValueError(message)
        return self


class KafkaSettings(BaseModel, frozen=True):
    """The log."""

    port: Port = Field(9092, description="port of the embedded broker; 0 = any free one, kept for the data directory")
    bootstrap: str = Field("", description="host:port,… of a Kafka cluster to use instead of the embedded broker")
    topic_prefix: str = Field(
        "", description="put before every topic and group name, so that platforms can share a cluster"
    )
    replication: int = Field(1, ge=1, description="replication factor of the topics the platform makes")


class ClickHouseSettings(BaseModel, frozen=True):
    """The projections."""

    port: Port = Field(
        8123, description="port of the embedded ClickHouse; 0 = any free one, kept for the data directory"
    )
    url: str = Field("", description="http://host:port of a ClickHouse server to use instead of the embedded one")
    database: str = Field("cdp", pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$", description="database of the projections")
    user: str = Field("default", description="user of an external ClickHouse")
    password: SecretStr = Field(SecretStr(""), description="password of that user")


class DeadLetterSettings(BaseModel, frozen=True):
    """Dead letters, and the breaker that holds the recorder rather than make too many."""

    retention_days: int = Field(
        90, ge=1, description="days for which a dead letter cannot be purged; nothing is purged by itself"
    )
    replay_rate: int = Field(2000, ge=1, description="events a second that a replay of dead letters writes at most")
    breaker_events: int = Field(
        1000, ge=1, description="how many of the latest events the breaker looks at; of fewer it says nothing"
    )
    breaker_ratio: float = Field(
        0.5, gt=0, le=1, description="share of them that may be refused before the recorder is held; 1 = any"
    )
    breaker_run: int = Field(
        1000, ge=0, description="events refused one after the other before the recorder is held; 0 = any number"
    )
    breaker_seconds: float = Field(
        300.0, gt=0, description="only events of that many seconds count, so that a trickle of bad ones holds nobody up"
    )


class Settings(BaseSettings):
    """All settings. Nested ones are read from `CDP_<GROUP>__<NAME>`."""

    model_config = SettingsConfigDict(
        env_prefix="CDP_", env_nested_delimiter="__", env_file=".env", extra="ignore", frozen=True
    )

    data_dir: Path = Field(Path(".cdp"), description="where the embedded platform keeps its data, logs and keys")
    cache_dir: Path | None = Field(
        None, description="where Kafka's jars are cached (default: the user's cache directory)"
    )
    currency: str = Field(
        "CNY", pattern=r"^[A-Z]{3}$", description="the platform's currency; fixed when the data directory is made"
    )
    time_zone: str = Field(
        "Asia/Shanghai", description="the platform's time zone; fixed when the data directory is made"
    )
    trait_sources: dict[str, list[SourceName]] = Field(
        default_factory=dict,
        description='JSON: trait (or "*" for all others) → sources in order of trust, e.g. {"city": ["crm", "pos"]};'
        " sources not listed come after, and of one source the newest wins",
    )
    region: str = Field(
        "CN", pattern=r"^[A-Z]{2}$", description="region of phone numbers written without a country code"
    )
    stale_after: float = Field(10.0, gt=0, description="seconds behind the log from which an answer says stale")
    write_keys: dict[SourceName, SecretStr] = Field(
        default_factory=dict,
        description='JSON: source → write key, e.g. {"pos": "…"}; "default" and declared sources get one made',
    )
    write_key_hashes: dict[Sha256Hex, SourceName] = Field(
        default_factory=dict, description="JSON: SHA-256 of a write key → source; what the processes are given"
    )
    sources: dict[SourceName, SourceSettings] = Field(
        default_factory=dict, description="JSON: source → {namespace, orders_of}; also sources that write to Kafka only"
    )
    channels: dict[SourceName, ChannelSettings] = Field(
        default_factory=dict,
        description='JSON: source → its shop and the secrets, e.g. {"shop": {"shopify": {"secret": "…"}}}; see docs',
    )
    forms: Path | None = Field(
        None, description="folder of web forms' definitions (default: forms in the data directory)"
    )
    link_secret: SecretStr = Field(
        SecretStr(""), description="secret that rating links are signed with; made for the data directory if empty"
    )
    api_keys: dict[str, SecretStr] = Field(
        default_factory=dict,
        description='JSON: name → API key, with scopes as "name:scope+scope" (none = all): {"crm:profiles+rfm": "…"}',
    )
    api_key_hashes: dict[Sha256Hex, str] = Field(
        default_factory=dict, description="JSON: SHA-256 of an API key → name[:scopes]; what the API is given"
    )
    rfm_hysteresis: Decimal = Field(
        Decimal(0),
        ge=0,
        lt=1,
        description="share, such as 0.05, by which an RFM boundary must differ from the kept one to move; 0 = none",
    )
    watchdog_after: float = Field(
        180.0,
        ge=1,
        description="seconds without any progress, while records wait and servers answer, after which the processors"
        " restart themselves; longer than one statement may take (120)",
    )
    faults: Path | None = Field(
        None, description="directory in which `cdp chaos` says which step shall fail; never set it otherwise"
    )
    log_level: str = Field("INFO", pattern=r"^(DEBUG|INFO|WARNING|ERROR)$", description="lowest level that is logged")
    ingest: IngestSettings = IngestSettings()
    api: ApiSettings = ApiSettings()
    processors: ProcessorsSettings = ProcessorsSettings()
    kafka: KafkaSettings = KafkaSettings()
    clickhouse: ClickHouseSettings = ClickHouseSettings()
    dead_letters: DeadLetterSettings = DeadLetterSettings()

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            message = f"{name!r} is no time zone of the IANA database; write it like Asia/Shanghai"
            raise ValueError(message) from error
        return name

    def declared_sources(self) -> dict[str, Source]:
        """Every source that may speak, by name: those with a write key, those declared beside, and operators."""
        names = {OPERATOR, *self.sources, *self.channels, *self.write_keys, *self.write_key_hashes.values()}
        declared = {name: self.sources.get(name, SourceSettings()) for name in sorted(names)}
        return {name: Source(name, said.namespace, said.orders_of) for name, said in declared.items()}

    def forms_folder(self) -> Path:
        """Where definitions of forms lie, if there are any."""
        return self.forms or self.data_dir / "forms"

    def namespaces(self) -> frozenset[str]:
        """The name spaces of identifiers that sources declare."""
        return frozenset(said.namespace for said in self.sources.values() if said.namespace)
