"""What ingest counts. Labels are sources, outcomes and statuses, never anything of a customer."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_ACK_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
_BUNDLE_EVENTS = (1, 2, 5, 10, 20, 50, 100)


class IngestMetrics:
    """The metrics of one ingest, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.events = Counter(
            "cdp_ingest_events_total",
            "events by outcome: accepted, rejected, or unavailable (Kafka did not acknowledge)",
            ("source", "outcome"),
            registry=self.registry,
        )
        self.requests = Counter(
            "cdp_ingest_requests_total",
            "requests answered, by HTTP status",
            ("status",),
            registry=self.registry,
        )
        self.ack_seconds = Histogram(
            "cdp_ingest_ack_seconds",
            "from handing a record to the producer until Kafka acknowledged it",
            buckets=_ACK_SECONDS,
            registry=self.registry,
        )
        self.buffer_bytes = Gauge(
            "cdp_ingest_buffer_bytes", "bytes of events waiting for Kafka's ack", registry=self.registry
        )
        self.bundle_events = Histogram(
            "cdp_ingest_bundle_events", "events in a bundle", buckets=_BUNDLE_EVENTS, registry=self.registry
        )
