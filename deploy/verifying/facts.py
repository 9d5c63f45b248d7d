"""Whether each event is one fact: the claims on it say where the first lies, and there and only there it stands."""

from __future__ import annotations

from collections.abc import Callable

from deploy.verifying.finding import Finding
from projections.database import Database
from projections.progress import RECORDER, heads

_IDS_A_STEP = 500_000
# A place is looked at only when the recorder is done with it. `place` is the order of the log.
_JUDGED = """
SELECT verdict, count(), groupArray(5)(concat(toString(shown.2), '/', toString(shown.3), '/', toString(shown.4))),
       sum(is_twice_there)
FROM (
    SELECT arraySort(groupUniqArrayIf(place, side = 0)) AS claimed,
           arraySort(groupUniqArrayIf(place, side = 1 AND NOT retracted)) AS standing,
           arraySort(groupUniqArrayIf(place, side = 1 AND retracted)) AS gone,
           countIf(side = 1) > length(standing) + length(gone) AS is_twice_there,
           if(notEmpty(standing), standing[1], if(notEmpty(claimed), claimed[1], gone[1])) AS shown,
           multiIf(empty(claimed), 'unclaimed', length(standing) > 1, 'twice',
                   empty(standing) AND has(gone, claimed[1]), 'retracted', empty(standing), 'missing',
                   standing[1] != claimed[1], 'misplaced', 'good') AS verdict
    FROM (
        SELECT 0 AS side, toString(source) AS source, event_id, 0 AS retracted,
               (received_at, log_partition, log_offset, log_index) AS place
        FROM claims WHERE {one_of} AND {is_done}
        UNION ALL
        SELECT 1 AS side, toString(source) AS source, event_id,
               (source, event_id, log_partition, log_offset, log_index) IN (
                   SELECT source, event_id, log_partition, log_offset, log_index FROM retractions) AS retracted,
               (received_at, log_partition, log_offset, log_index) AS place
        FROM events WHERE {one_of} AND {is_done}
    )
    GROUP BY source, event_id
)
GROUP BY verdict
"""
_ONE_OF = "cityHash64(toString(source), event_id) % {buckets:UInt32} = {bucket:UInt32}"
_IS_DONE = "log_offset < transform(log_partition, {partitions:Array(UInt16)}, {ends:Array(UInt64)}, toUInt64(0))"
_SAID = {
    "unclaimed": "facts that nobody claims",
    "twice": "events that stand as several facts",
    "retracted": "facts that were retracted though they are the first of their id in the log",
    "missing": "claims without their fact: the event is lost",
    "misplaced": "facts that stand though another event of their id is earlier in the log",
}


def check_facts(database: Database, step: Callable[[float], None]) -> Finding:
    """Every id that is claimed, or has a fact."""
    found = Finding("facts")
    done = {partition: head.last + 1 for (_, partition), head in heads(database).get(RECORDER, {}).items()}
    buckets = 1 + int(database.tuples("SELECT count() FROM claims")[0][0]) // _IDS_A_STEP
    sql = _JUDGED.replace("{one_of}", _ONE_OF).replace("{is_done}", _IS_DONE)
    ids = doubled = 0
    for bucket in range(buckets):
        asked = {"buckets": buckets, "bucket": bucket, "partitions": list(done), "ends": list(done.values())}
        for verdict, count, places, twice_there in database.tuples(sql, asked):
            ids += count
            doubled += twice_there
            if verdict != "good":
                found.wrong(f"{count:,} {_SAID[verdict]}, at {', '.join(places)} (partition/offset/index)", count)
        step((bucket + 1) / buckets)
    found.looked_at = f"{ids:,} events, each once"
    if doubled:
        found.notes.append(f"{doubled:,} facts lie there twice at one place; readers take each place once")
    return found
