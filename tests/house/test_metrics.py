"""The catalogue of metrics is what the code measures: nothing besides, nothing missing, nothing of a customer."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any, cast

import pytest
from prometheus_client import CollectorRegistry

from api.lag_metrics import LagMetrics
from api.metrics import ApiMetrics
from ingest.metrics import IngestMetrics
from processors.metrics import Membership, ProcessorMetrics
from schemas import instruments
from schemas.identifiers import IDENTIFIER_TYPES
from schemas.metrics import LABELS, METRICS
from tests.house.repository import modules, name

INSTRUMENTS = {"Counter", "Gauge", "Histogram", "Summary", "Info", "Enum", "GaugeMetricFamily", "CounterMetricFamily"}


def api() -> CollectorRegistry:
    """The API's, with what it shows of the lag; described without asking Kafka."""
    made = ApiMetrics().registry
    made.register(LagMetrics(lambda: cast("Any", None)))
    return made


REGISTRIES: dict[str, Callable[[], CollectorRegistry]] = {
    "ingest": lambda: IngestMetrics().registry,
    "processors": lambda: ProcessorMetrics(Membership()).registry,
    "api": api,
}


@pytest.mark.parametrize("process", REGISTRIES)
def test_a_process_measures_what_the_catalogue_says(process: str):
    """Name, kind, labels and meaning; each of its metrics, and no other."""
    measured = {
        (each.name + ("_total" if each.type == "counter" else ""), each.type)
        for collector in vars(REGISTRIES[process]())["_collector_to_names"]
        for each in (collector.describe() if hasattr(collector, "describe") else collector.collect())
    } | {(each, METRICS[each].kind) for each in METRICS if each.startswith("process_")}
    assert measured == {(each.name, each.kind) for each in METRICS.values() if process in each.of}


def test_instruments_are_made_from_the_catalogue_only():
    """Nobody else calls the client's constructors, so there is no metric that the catalogue does not know."""
    made = {
        name(path)
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("prometheus_client")
        for alias in node.names
        if alias.name in INSTRUMENTS
    }
    assert made == {"schemas/instruments.py"}


def test_an_instrument_is_of_the_kind_the_catalogue_says():
    """Counting with a gauge is a mistake that shows at once."""
    with pytest.raises(TypeError, match="is a counter"):
        instruments.gauge("cdp_ingest_events_total", CollectorRegistry())


def test_every_label_is_bounded_and_said_to_be():
    """A label is in the list that says what bounds it; none is a kind of identifier."""
    used = {label for metric in METRICS.values() for label in metric.labels}
    assert used == LABELS.keys()
    assert used.isdisjoint({*IDENTIFIER_TYPES, "person_id", "event_id", "order_id", "key", "address", "path"})


def test_names_are_as_prometheus_asks():
    """Base units, `_total` for counters only; known ones are called as dashboards know them."""
    for metric in METRICS.values():
        assert re.fullmatch(r"(cdp|kafka|process)_[a-z]+(_[a-z]+)+", metric.name)
        assert metric.name.endswith("_total") == (metric.kind == "counter"), metric.name
        assert bool(metric.buckets) == (metric.kind == "histogram"), metric.name
