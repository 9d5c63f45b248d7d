"""What ingest counts. Labels are sources, outcomes and statuses, never anything of a customer."""

from __future__ import annotations

from schemas.instruments import counter, gauge, histogram, registry


class IngestMetrics:
    """The metrics of one ingest, in a registry of its own; what each means, the catalogue says."""

    def __init__(self) -> None:
        self.registry = made = registry()
        self.events = counter("cdp_ingest_events_total", made)
        self.requests = counter("cdp_ingest_requests_total", made)
        self.ack_seconds = histogram("cdp_ingest_ack_seconds", made)
        self.buffer_bytes = gauge("cdp_ingest_buffer_bytes", made)
        self.bundle_events = histogram("cdp_ingest_bundle_events", made)
        self.disk_free_bytes = gauge("cdp_ingest_disk_free_bytes", made)
        self._up = gauge("cdp_dependency_up", made)

    def tell_dependency(self, name: str, up: bool) -> None:  # noqa: FBT001 -- told by Health
        """Note how a dependency stands."""
        self._up.labels(name).set(up)
