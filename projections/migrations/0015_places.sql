-- Where each subject stands first in the log: nearly always the earliest place is all that is asked for, and reading it
-- is five times as fast as making the eight earliest out of states. Persons are read at random: small granules.
CREATE TABLE subject_places
(
    subject_hash UInt64,
    subject      String,                       -- (personal data)
    first        SimpleAggregateFunction(min, Tuple(DateTime64(3, 'UTC'), UInt16, UInt64, UInt16)),
    starts       AggregateFunction(groupArraySorted(8), Tuple(DateTime64(3, 'UTC'), UInt16, UInt64, UInt16))
)
ENGINE = AggregatingMergeTree
ORDER BY (subject_hash, subject)
SETTINGS index_granularity = 128;

CREATE MATERIALIZED VIEW subject_places_of_events TO subject_places AS
SELECT cityHash64(subject) AS subject_hash, subject,
       min((received_at, log_partition, log_offset, log_index)) AS first,
       groupArraySortedState(8)((received_at, log_partition, log_offset, log_index)) AS starts
FROM events
WHERE subject != ''
GROUP BY subject;

DROP VIEW IF EXISTS subject_starts_of_events;

DROP TABLE IF EXISTS subject_starts;

-- What was recorded before.
INSERT INTO subject_places
SELECT cityHash64(subject) AS subject_hash, subject,
       min((received_at, log_partition, log_offset, log_index)) AS first,
       groupArraySortedState(8)((received_at, log_partition, log_offset, log_index)) AS starts
FROM events
WHERE subject != ''
GROUP BY subject;
