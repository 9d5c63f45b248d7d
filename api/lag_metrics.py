"""Lag and staleness for Prometheus, from the last look: a scrape never waits for Kafka, nor shows what is long past."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from api.lag import Lag, Look
from api.lag_state import STATES
from schemas.instruments import gauges

_TOO_OLD = 30.0
"""Seconds after which a look is no longer shown: gaps in a graph tell more than a line that has stopped."""
_NAMES = (
    "kafka_consumergroup_lag", "kafka_consumergroup_current_offset", "kafka_topic_partition_current_offset",
    "kafka_consumergroup_group_lag_seconds", "kafka_consumergroup_members", "cdp_lag_state",
    "cdp_lag_deleted_in_seconds", "cdp_lag_deleted_unread", "cdp_lag_look_age_seconds",
    "cdp_projection_lag_seconds", "cdp_projection_stale",
)  # fmt: skip


class Looks(Protocol):
    """Who has looked at the lag."""

    @property
    def group(self) -> str:
        """The group whose lag it is."""
        ...

    @property
    def latest(self) -> Look | None:
        """What the last look found."""
        ...

    @property
    def age(self) -> float:
        """Seconds since then."""
        ...


class LagMetrics(Collector):
    """The catalogue's gauges of lag and projections."""

    def __init__(self, asked: Callable[[], tuple[Looks, Sequence[dict[str, Any]]]]) -> None:
        """`asked` gives who looks at the lag, and the projections of GET /v1/lag, at each scrape."""
        self._asked = asked

    def describe(self) -> Iterator[Metric]:
        """Name what there is; nothing is asked for that."""
        yield from map(gauges, _NAMES)

    def collect(self) -> Iterator[Metric]:
        """What holds now."""
        lag, shown = self._asked()
        yield gauges("cdp_lag_look_age_seconds", [((), lag.age)])
        if lag.latest is not None and lag.age < _TOO_OLD:
            yield from _partitions(lag.group, lag.latest.rows)
            yield gauges("kafka_consumergroup_members", [((lag.group,), lag.latest.members)])
        yield gauges("cdp_projection_lag_seconds", [((each["name"],), each["lag_seconds"]) for each in shown])
        yield gauges("cdp_projection_stale", [((each["name"],), each["stale"]) for each in shown])


def _partitions(group: str, rows: Sequence[Lag]) -> Iterator[Metric]:
    at = {row.place: (row.place[0], str(row.place[1])) for row in rows}
    of = {place: (group, *labels) for place, labels in at.items()}
    yield gauges("kafka_consumergroup_lag", [(of[row.place], row.lag) for row in rows])
    yield gauges("kafka_consumergroup_current_offset", [(of[row.place], row.committed) for row in rows])
    yield gauges("kafka_topic_partition_current_offset", [(at[row.place], row.end) for row in rows])
    known = [(of[row.place], row.seconds) for row in rows if row.seconds is not None]
    yield gauges("kafka_consumergroup_group_lag_seconds", known)
    states = [((*of[row.place], state), row.state == state) for row in rows for state in STATES]
    yield gauges("cdp_lag_state", states)
    deleted = [(of[row.place], row.deleted_in) for row in rows if row.deleted_in is not None]
    yield gauges("cdp_lag_deleted_in_seconds", deleted)
    yield gauges("cdp_lag_deleted_unread", [(of[row.place], row.deleted_unread) for row in rows])
