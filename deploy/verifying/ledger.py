"""Whether every stage has done every record of its topic: gaps in the ledger, and ranges done twice."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing

from deploy.attaching import Attached
from deploy.verifying.finding import Finding
from projections.database import Database
from projections.log.replay import LogReplay
from projections.progress import GOVERNOR, PROFILER, RECORDER, RESOLVER, UNDERTAKER, heads
from schemas.topics import Role

STAGES: Mapping[str, Role] = {
    RECORDER: "events",
    RESOLVER: "identity",
    PROFILER: "touched",
    GOVERNOR: "control",
    UNDERTAKER: "dead_letters",
}
_SPANS = """
SELECT log_partition, reached + 1 AS since, first AS until
FROM (
    SELECT log_partition, first, before AS reached
    FROM (
        SELECT log_partition, toInt64(consumed.first) AS first,
               row_number() OVER (PARTITION BY log_partition ORDER BY first, last) AS nth,
               if(nth = 1, -1, max(toInt64(last)) OVER (
                   PARTITION BY log_partition ORDER BY first, last
                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS before
        FROM consumed
        WHERE stage = {stage:String} AND topic = {topic:String}
    )
)
WHERE first > reached + 1
ORDER BY log_partition, since
"""
_COUNTED = """
SELECT log_partition, count(), sum(last - first + 1), max(last) + 1
FROM (SELECT DISTINCT log_partition, first, last FROM consumed WHERE stage = {stage:String} AND topic = {topic:String})
GROUP BY log_partition
"""


def check_ledger(database: Database, attached: Attached) -> Finding:
    """Every stage, every partition of its topic."""
    found = Finding("ledger")
    ranges = 0
    for stage, role in STAGES.items():
        with closing(LogReplay(attached.kafka, attached.topics[role])) as log:
            ranges += _check(database, found, stage, log, attached.topics[role])
    found.looked_at = f"{ranges:,} ranges of {len(STAGES)} stages"
    return found


def _check(database: Database, found: Finding, stage: str, log: LogReplay, topic: str) -> int:
    asked = {"stage": stage, "topic": topic}
    begins, ends = log.begins(), log.ends()
    for partition, since, until in database.tuples(_SPANS, asked):
        kept = max(since, begins.get(partition, 0))
        # Not every offset is a record: a channel's transaction ends with a mark of its own.
        if kept < until and not any(True for _ in log.read({partition: kept}, {partition: until})):
            continue
        gone = "" if kept == since else f" (Kafka keeps those from {begins[partition]} on only)"
        found.wrong(f"{stage} has not done offsets {since} to {until - 1} of {topic}/{partition}{gone}", until - since)
    ranges = 0
    counted = database.tuples(_COUNTED, asked)
    for partition, count, records, end in counted:
        ranges += count
        if records > end:
            again = records - end
            found.notes.append(f"{stage} did {again:,} records of {topic}/{partition} again, as after a crash")
    known = {partition: head for (_, partition), head in heads(database).get(stage, {}).items()}
    for partition, head in known.items():
        if head.last >= ends.get(partition, 0):
            found.wrong(
                f"{stage} has done {topic}/{partition} up to {head.last}, but the log ends at {ends.get(partition, 0)}:"
                " ClickHouse is of a later moment than Kafka"
            )
    for partition, _, _, end in counted:
        if partition not in known or known[partition].last + 1 != end:
            found.wrong(f"the head of {stage} for {topic}/{partition} is not where its ranges end ({end - 1})")
    return ranges
