"""Makes the instruments of the catalogue, the only way there is to measure something: in a registry of its own."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily

from schemas.metrics import METRICS, Kind, Metric


def registry() -> CollectorRegistry:
    """A process's registry; it has what is measured of every process."""
    made = CollectorRegistry()
    ProcessCollector(registry=made)
    return made


def counter(name: str, into: CollectorRegistry) -> Counter:
    """The counter of this name."""
    metric = _known(name, "counter")
    return Counter(metric.name, metric.meaning, metric.labels, registry=into)


def gauge(name: str, into: CollectorRegistry) -> Gauge:
    """The gauge of this name."""
    metric = _known(name, "gauge")
    return Gauge(metric.name, metric.meaning, metric.labels, registry=into)


def histogram(name: str, into: CollectorRegistry) -> Histogram:
    """The histogram of this name."""
    metric = _known(name, "histogram")
    return Histogram(metric.name, metric.meaning, metric.labels, buckets=metric.buckets, registry=into)


def gauges(name: str, samples: Iterable[tuple[tuple[str, ...], float]] = ()) -> GaugeMetricFamily:
    """A gauge whose samples (labels' values, value) are found when asked: what is gone has none."""
    metric = _known(name, "gauge")
    family = GaugeMetricFamily(metric.name, metric.meaning, labels=metric.labels)
    for labels, value in samples:
        family.add_metric(labels, value)
    return family


def _known(name: str, kind: Kind) -> Metric:
    metric = METRICS[name]
    if metric.kind != kind:
        message = f"{name} is a {metric.kind}"
        raise TypeError(message)
    return metric
