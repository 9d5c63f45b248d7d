-- Dead letters that are grouped, repaired and replayed; the breaker that holds the recorder; what came more than once.

ALTER TABLE dead_letters ADD COLUMN IF NOT EXISTS truncated UInt8;

-- The record's header `v` as it came; '' for the current version.
ALTER TABLE dead_letters ADD COLUMN IF NOT EXISTS version String;

-- What is wrong, whatever the event: code, pointer and message with each number as '#', hashed.
ALTER TABLE dead_letters ADD COLUMN IF NOT EXISTS fingerprint String MATERIALIZED
    substring(lower(hex(SHA256(concat(
        toString(code), '\n', replaceRegexpAll(pointer, '[0-9]+', '#'), '\n', replaceRegexpAll(message, '[0-9]+', '#')
    )))), 1, 16);

-- Letters that were replayed: where each of their events lies in the log now. From the header of the replayed record.
CREATE TABLE repairs
(
    letter_id     String,
    replay_id     String,
    source        LowCardinality(String),
    event_id      String,                      -- after the patch; '' when it could not be read even then
    received_at   DateTime64(3, 'UTC'),
    log_partition UInt16,
    log_offset    UInt64,
    log_index     UInt16,
    INDEX ids event_id TYPE bloom_filter(0.01) GRANULARITY 4
)
ENGINE = ReplacingMergeTree
ORDER BY (letter_id, log_partition, log_offset, log_index);

-- Events that came again with the same content. They changed nothing; whoever follows an event's way sees them.
CREATE TABLE repetitions
(
    id_hash       UInt64,                      -- as in claims
    source        LowCardinality(String),
    event_id      String,
    received_at   DateTime64(3, 'UTC'),
    log_partition UInt16,
    log_offset    UInt64,
    log_index     UInt16,
    written_at    DateTime DEFAULT now()
)
ENGINE = ReplacingMergeTree
ORDER BY (id_hash, source, event_id, log_partition, log_offset, log_index)
TTL written_at + INTERVAL 90 DAY;

-- How many events of a record the recorder refused: what its breaker looks at, beside `consumed`.
CREATE TABLE refused
(
    received_at   DateTime64(3, 'UTC'),        -- Kafka's append time
    log_partition UInt16,
    log_offset    UInt64,
    events        UInt32,
    written_at    DateTime DEFAULT now()
)
ENGINE = ReplacingMergeTree
ORDER BY (received_at, log_partition, log_offset)
TTL written_at + INTERVAL 30 DAY;

-- Where a recorder was held by its breaker. It is no more as soon as its head in `heads` has passed that offset.
CREATE TABLE holds
(
    log_partition UInt16,
    log_offset    UInt64,                      -- the first record that is not taken
    received_at   DateTime64(3, 'UTC'),        -- that record's
    held_at       DateTime64(3, 'UTC'),
    reason        LowCardinality(String),      -- run, ratio
    events        UInt32,                      -- of these so many …
    refused       UInt32,                      -- … were refused
    codes         Map(String, UInt64)          -- of what is held: refused by code
)
ENGINE = ReplacingMergeTree
ORDER BY (log_partition, log_offset, held_at);

ALTER TABLE consumed ADD INDEX IF NOT EXISTS watermarks watermark TYPE minmax GRANULARITY 1;

ALTER TABLE changes ADD INDEX IF NOT EXISTS causes cause_ref TYPE bloom_filter(0.001) GRANULARITY 4;
