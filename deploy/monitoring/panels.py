"""What the dashboard shows, as data: rows of panels, each with its queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["short", "s", "bytes", "percentunit", "reqps", "ops", "none"]


@dataclass(frozen=True, slots=True)
class Query:
    """One line or several of a panel: PromQL, and how each is called."""

    expression: str
    legend: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture. `says` is what one learns from it; above `bad` a line is red."""

    title: str
    says: str
    unit: Unit
    queries: tuple[Query, ...]
    bad: float | None = None
    kind: Literal["timeseries", "stat"] = "timeseries"


@dataclass(frozen=True, slots=True)
class Row:
    """Panels side by side, under a title."""

    title: str
    panels: tuple[Panel, ...]


def _quantile(quantile: float, metric: str, by: str) -> str:
    return f"histogram_quantile({quantile}, sum by (le, {by}) (rate({metric}_bucket[$__rate_interval])))"


def _moved(offset: str) -> str:
    """Several API processes tell the same offsets; each partition counts once."""
    return f"sum by (topic) (max by (topic, partition) (rate({offset}[$__rate_interval])))"


_OVERVIEW = Row(
    "Is all well?",
    (
        Panel("Stalest projection", "How far answers are behind the log, at worst.", "s",
              (Query("max(cdp_projection_lag_seconds)", "stalest"),), 10, "stat"),
        Panel("Oldest record not done", "Age of the oldest record that waits, in any partition.", "s",
              (Query("max(kafka_consumergroup_group_lag_seconds)", "oldest"),), 10, "stat"),
        Panel("Members", "Workers that read for the group.", "none",
              (Query("max(kafka_consumergroup_members)", "members"),), None, "stat"),
        Panel("Dependencies down", "Of any process; /readyz names them.", "none",
              (Query("count(cdp_dependency_up == 0) or vector(0)", "down"),), 1, "stat"),
        Panel("Ingest errors, 1 h", "Share of requests answered 5xx; the objective is 0.1 %.", "percentunit",
              (Query("cdp:ingest_errors:ratio_rate1h", "errors"),), 0.001, "stat"),
    ),
)  # fmt: skip
_LAG = Row(
    "Lag",
    (
        Panel("Lag in seconds",
              "By topic, the partition furthest behind: events is the recorder, touched the profiler.",
              "s", (Query("max by (topic) (kafka_consumergroup_group_lag_seconds)", "{{topic}}"),), 60),
        Panel("Lag in records", "By topic, all partitions.", "short",
              (Query("topic:kafka_consumergroup_lag:sum", "{{topic}}"),)),
        Panel("In and out", "Records appended, and records committed, a second.", "ops",
              (Query(_moved("kafka_topic_partition_current_offset"), "{{topic}} in"),
               Query(_moved("kafka_consumergroup_current_offset"), "{{topic}} out"))),
        Panel("Partitions in a bad state", "Those stalled or stopped need somebody.",
              "none",
              (Query('sum by (state) (max by (state, topic, partition) (cdp_lag_state{state!="ok"}))', "{{state}}"),),
              1),
        Panel("Staleness of projections", "How far each projection's answers are behind the log.", "s",
              (Query("max by (projection) (cdp_projection_lag_seconds)", "{{projection}}"),), 10),
        Panel("Time until unread records are deleted", "By retention; nothing where all is kept or nothing waits.", "s",
              (Query("min by (topic) (cdp_lag_deleted_in_seconds)", "{{topic}}"),)),
    ),
)  # fmt: skip
_INGEST = Row(
    "Ingest",
    (
        Panel("Events", "By outcome.", "ops",
              (Query("sum by (outcome) (rate(cdp_ingest_events_total[$__rate_interval]))", "{{outcome}}"),)),
        Panel("Rejected, by source", "One source at a time is a channel that changed its format.", "ops",
              (Query('sum by (source) (rate(cdp_ingest_events_total{outcome="rejected"}[$__rate_interval]))',
                     "{{source}}"),)),
        Panel("Answers", "To channels, by status.", "reqps",
              (Query("sum by (status) (rate(cdp_ingest_requests_total[$__rate_interval]))", "{{status}}"),)),
        Panel("Kafka's ack", "From handing a record over until it is acknowledged.", "s",
              (Query(_quantile(0.5, "cdp_ingest_ack_seconds", "job"), "median"),
               Query(_quantile(0.99, "cdp_ingest_ack_seconds", "job"), "99 %"))),
        Panel("Buffer", "Bytes that wait for Kafka; at CDP_INGEST__BUFFER_BYTES channels are told 429.", "bytes",
              (Query("cdp_ingest_buffer_bytes", "{{instance}}"),)),
        Panel("Free disk", "Below CDP_INGEST__MIN_FREE_BYTES channels are told 503.", "bytes",
              (Query("cdp_ingest_disk_free_bytes", "{{instance}}"),)),
        Panel("Events in a bundle", "On average; more is cheaper.", "short",
              (Query("rate(cdp_ingest_bundle_events_sum[$__rate_interval])"
                     " / rate(cdp_ingest_bundle_events_count[$__rate_interval])", "{{instance}}"),)),
    ),
)  # fmt: skip
_PROCESSORS = Row(
    "Processors",
    (
        Panel("Round of a step, 95 %", "How long a round takes.", "s",
              (Query(_quantile(0.95, "cdp_processors_step_seconds", "step"), "{{step}}"),)),
        Panel("Share of time at work", "Near 1 a step has no time left: its topic will be behind.", "percentunit",
              (Query("sum by (step, instance) (rate(cdp_processors_step_seconds_sum[$__rate_interval]))",
                     "{{step}} {{instance}}"),), 0.9),
        Panel("Records", "Done, by step.", "ops",
              (Query("sum by (step) (rate(cdp_processors_records_total[$__rate_interval]))", "{{step}}"),)),
        Panel("Persons", "Looked at a second by the profiler, and in a round.", "short",
              (Query("sum(rate(cdp_processors_round_persons_sum[$__rate_interval]))", "a second"),
               Query("sum(rate(cdp_processors_round_persons_sum[$__rate_interval]))"
                     " / sum(rate(cdp_processors_round_persons_count[$__rate_interval]))", "a round"))),
        Panel("Waits and faults", "Rounds that found a server away, or failed.", "ops",
              (Query("sum by (step, dependency) (rate(cdp_processors_waits_total[$__rate_interval]))",
                     "{{step}} waits for {{dependency}}"),
               Query("sum by (step) (rate(cdp_processors_faults_total[$__rate_interval]))", "{{step}} failed"))),
        Panel("Dead letters", "Kept, by code; those of ingest included.", "ops",
              (Query("sum by (code) (rate(cdp_processors_dead_letters_total[$__rate_interval]))", "{{code}}"),)),
        Panel("Partitions a worker reads", "Zero: the group is sharing out, or a worker is left over.", "none",
              (Query("cdp_processors_partitions", "{{instance}}"),)),
        Panel("Since the last round", "How long ago each step was last done, the freshest worker.", "s",
              (Query("time() - max by (step) (cdp_processors_last_done_timestamp_seconds)", "{{step}}"),)),
    ),
)  # fmt: skip
_API = Row(
    "API",
    (
        Panel("Questions", "By route.", "reqps",
              (Query("sum by (route) (rate(cdp_api_requests_total[$__rate_interval]))", "{{route}}"),)),
        Panel("Answers that failed", "5xx, by route.", "reqps",
              (Query('sum by (route) (rate(cdp_api_requests_total{status=~"5.."}[$__rate_interval]))', "{{route}}"),)),
        Panel("Time to answer, 95 %", "By route.", "s",
              (Query(_quantile(0.95, "cdp_api_request_seconds", "route"), "{{route}}"),)),
    ),
)  # fmt: skip
_PROCESSES = Row(
    "Processes",
    (
        Panel("Dependencies", "1: up, as /readyz says.", "none",
              (Query("min by (job, dependency) (cdp_dependency_up)", "{{job}}: {{dependency}}"),)),
        Panel("Restarts in 15 min", "More than two are one too many.", "none",
              (Query('changes(process_start_time_seconds{job=~"cdp-.*"}[15m])', "{{job}} {{instance}}"),), 2),
        Panel("Memory", "Resident.", "bytes",
              (Query('process_resident_memory_bytes{job=~"cdp-.*"}', "{{job}} {{instance}}"),)),
        Panel("CPU", "Cores.", "short",
              (Query('rate(process_cpu_seconds_total{job=~"cdp-.*"}[$__rate_interval])', "{{job}} {{instance}}"),)),
        Panel("Open files", "And sockets.", "none",
              (Query('process_open_fds{job=~"cdp-.*"}', "{{job}} {{instance}}"),)),
    ),
)  # fmt: skip

ROWS = (_OVERVIEW, _LAG, _INGEST, _PROCESSORS, _API, _PROCESSES)
