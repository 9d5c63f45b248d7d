"""The catalogue of metrics: name, kind, labels, meaning, and which processes serve it. Nothing is measured besides.

Labels hold what is bounded and nobody's: never an identifier, a value of an event, or an address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal["counter", "gauge", "histogram"]
Process = Literal["ingest", "processors", "api"]

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "source": "a source that has a write key",
        "outcome": "`accepted`, `rejected` or `unavailable`",
        "status": "an HTTP status",
        "route": "a route's template, `other` for none",
        "step": "an agent or timer of the topology",
        "dependency": "`kafka`, `clickhouse`, `group` or `disk`",
        "code": "an error code of the published list",
        "consumergroup": "the processors' consumer group",
        "topic": "a topic of the catalogue, its prefix before it",
        "partition": "a partition of that topic",
        "state": "`ok`, `warn`, `stalled`, `stopped` or `no_members`",
        "projection": "a projection of `GET /v1/lag`",
    }
)
"""Every label there may be, and what bounds its values."""

_PLACE = ("consumergroup", "topic", "partition")
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `buckets` are a histogram's upper bounds."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    meaning: str
    of: tuple[Process, ...]
    buckets: tuple[float, ...] = ()


def _ingest(name: str, kind: Kind, labels: Iterable[str], meaning: str, buckets: tuple[float, ...] = ()) -> Metric:
    return Metric(f"cdp_ingest_{name}", kind, tuple(labels), meaning, ("ingest",), buckets)


def _processors(name: str, kind: Kind, labels: Iterable[str], meaning: str, buckets: tuple[float, ...] = ()) -> Metric:
    return Metric(f"cdp_processors_{name}", kind, tuple(labels), meaning, ("processors",), buckets)


def _api(name: str, labels: Iterable[str], meaning: str) -> Metric:
    return Metric(name, "gauge", tuple(labels), meaning, ("api",))


def _all(name: str, kind: Kind, labels: Iterable[str], meaning: str) -> Metric:
    return Metric(name, kind, tuple(labels), meaning, ("ingest", "processors", "api"))


_METRICS = (
    _ingest("events_total", "counter", ("source", "outcome"),
            "events by outcome: accepted, rejected, or unavailable (Kafka did not acknowledge)"),
    _ingest("requests_total", "counter", ("status",),
            "requests answered, by HTTP status; those for health and metrics do not count"),
    _ingest("ack_seconds", "histogram", (), "from handing a record to the producer until Kafka acknowledged it",
            (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)),
    _ingest("buffer_bytes", "gauge", (), "bytes of events waiting for Kafka's ack"),
    _ingest("disk_free_bytes", "gauge", (), "bytes free on the disk of the data directory"),
    _ingest("bundle_events", "histogram", (), "events in a bundle", (1, 2, 5, 10, 20, 50, 100)),
    _processors("step_seconds", "histogram", ("step",), "how long a round of a step took; its count is the rounds",
                (*_SECONDS, 60, 120)),
    _processors("records_total", "counter", ("step",), "records of Kafka that were done"),
    _processors("waits_total", "counter", ("step", "dependency"),
                "rounds that found Kafka or ClickHouse away, and were taken again"),
    _processors("held", "gauge", ("step",), "1 while a step's breaker holds it, since it refused too much"),
    _processors("faults_total", "counter", ("step",),
                "rounds that failed otherwise; most end the process, and are then seen as a restart"),
    _processors("last_done_timestamp_seconds", "gauge", ("step",), "Unix time of the last round that was done"),
    _processors("round_persons", "histogram", (), "persons a round of the profiler looked at, passes not counted",
                (1, 10, 100, 1000, 5000, 20000, 100000)),
    _processors("dead_letters_total", "counter", ("code",), "dead letters kept, those of ingest included, by code"),
    _processors("partitions", "gauge", (), "partitions this worker reads"),
    Metric("cdp_api_requests_total", "counter", ("route", "status"), "answers given, by route and status", ("api",)),
    Metric("cdp_api_request_seconds", "histogram", ("route",), "time from request to the answer's begin, by route",
           ("api",), _SECONDS),
    _api("kafka_consumergroup_lag", _PLACE, "records the group has not committed"),
    _api("kafka_consumergroup_current_offset", _PLACE, "the next offset the group will read"),
    _api("kafka_topic_partition_current_offset", ("topic", "partition"), "the offset the next record will have"),
    _api("kafka_consumergroup_group_lag_seconds", _PLACE,
         "age of the oldest record not done, by the time Kafka keeps with it; absent while it cannot be read"),
    _api("kafka_consumergroup_members", ("consumergroup",), "living members of the group"),
    _api("cdp_lag_state", (*_PLACE, "state"), "1 for the state a partition is in, 0 for the others"),
    _api("cdp_lag_deleted_in_seconds", _PLACE,
         "until retention deletes the oldest record not done; absent where nothing waits or all is kept"),
    _api("cdp_lag_deleted_unread", _PLACE, "records that retention deleted before they were done"),
    _api("cdp_lag_look_age_seconds", (), "since Kafka was last asked for all this; grows while it is away"),
    _api("cdp_projection_lag_seconds", ("projection",), "how far a projection's answers are behind the log"),
    _api("cdp_projection_stale", ("projection",), "1 when that is more than CDP_STALE_AFTER"),
    _all("cdp_dependency_up", "gauge", ("dependency",), "1 when what the process depends on is up, as /readyz says"),
    _all("process_start_time_seconds", "gauge", (), "Unix time at which the process began"),
    _all("process_cpu_seconds_total", "counter", (), "CPU time it took"),
    _all("process_resident_memory_bytes", "gauge", (), "memory it holds"),
    _all("process_virtual_memory_bytes", "gauge", (), "address space it holds"),
    _all("process_open_fds", "gauge", (), "files and sockets it has open"),
    _all("process_max_fds", "gauge", (), "how many it may have open"),
)  # fmt: skip

METRICS: Mapping[str, Metric] = MappingProxyType({each.name: each for each in _METRICS})


def series(metric: Metric) -> set[str]:
    """The names under which Prometheus holds it."""
    return {metric.name + suffix for suffix in (("_bucket", "_sum", "_count") if metric.kind == "histogram" else ("",))}
