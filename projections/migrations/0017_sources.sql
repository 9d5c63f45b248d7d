-- Quality of sources: what breaks a contract that only counts, and when each type and field was seen first.

CREATE TABLE violations
(
    source        LowCardinality(String),
    type          LowCardinality(String),
    pointer       String,                      -- into the event
    message       String,                      -- repeats no value
    received_at   DateTime64(3, 'UTC'),
    log_partition UInt16,
    log_offset    UInt64,
    log_index     UInt16,
    written_at    DateTime DEFAULT now()
)
ENGINE = ReplacingMergeTree
ORDER BY (source, received_at, log_partition, log_offset, log_index, pointer)
TTL written_at + INTERVAL 90 DAY;

-- Names only, never values; minima and maxima, which a second copy does not change. Of an event the first hundred
-- fields of at most 64 characters count.
CREATE TABLE seen_fields
(
    source LowCardinality(String),
    type   LowCardinality(String),
    field  String,                             -- of data; '' is the type itself
    first  SimpleAggregateFunction(min, DateTime64(3, 'UTC')),  -- received_at of the first event that had it …
    last   SimpleAggregateFunction(max, DateTime64(3, 'UTC'))    -- … and of the last
)
ENGINE = AggregatingMergeTree
ORDER BY (source, type, field);

CREATE MATERIALIZED VIEW seen_fields_of_events TO seen_fields AS
SELECT source, type, field, min(received_at) AS first, max(received_at) AS last
FROM events
ARRAY JOIN arrayPushFront(arrayFilter(name -> length(name) <= 64, arraySlice(JSONExtractKeys(data), 1, 100)), '') AS field
GROUP BY source, type, field;
