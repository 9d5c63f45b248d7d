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

-- Names only, never values; minima and maxima, which a second copy does not change. The recorder writes what is new.
CREATE TABLE seen_fields
(
    source LowCardinality(String),
    type   LowCardinality(String),
    field  String,                             -- of data; '' is the type itself
    first  SimpleAggregateFunction(min, DateTime64(3, 'UTC')),  -- received_at of the first event that had it
    last   SimpleAggregateFunction(max, DateTime64(3, 'UTC'))   -- of a type's last event, at most a minute behind
)
ENGINE = AggregatingMergeTree
ORDER BY (source, type, field);
