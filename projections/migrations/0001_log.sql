-- What the log says: facts, the claims that make them unique, and the look-ups derived from facts alone.
-- Every table here may be given the same row twice (a crash between write and acknowledgement): they are keyed by
-- what identifies the row, and readers take the first by log position.

-- Who said (source, event_id) where in the log. Written before the facts; the claim first in the log stands.
CREATE TABLE claims
(
    id_hash      UInt64,                       -- blake2b-64 of source and event_id
    source       LowCardinality(String),
    event_id     String,
    content_hash FixedString(16),              -- blake2b-128 of the canonical content
    hash_version UInt8,
    key          String,                       -- where its fact lies in events
    received_at  DateTime64(3, 'UTC'),         -- Kafka's append time
    topic        LowCardinality(String),
    log_partition    UInt16,
    log_offset       UInt64,
    log_index        UInt16,                       -- place within the bundle
    recorded_at  DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree
ORDER BY (id_hash, source, event_id, log_partition, log_offset, log_index)
SETTINGS index_granularity = 1024;

-- The facts. `key` is what a fact is folded with: its order or ticket, else its customer, else the thing it is about.
CREATE TABLE events
(
    key            String,
    key_hash       UInt64 MATERIALIZED cityHash64(key),
    subject        String,                     -- address of the first identifier; '' for an event without a customer
    ids            Array(String),              -- every identifier's address, first by priority (personal data)
    thing          String,                     -- order:source/id, ticket:source/id, message:source/id or ''
    source         LowCardinality(String),
    event_id       String,
    type           LowCardinality(String),
    occurred_at    DateTime64(6, 'UTC'),
    utc_offset     Int16,                      -- minutes; the offset the channel wrote
    received_at    DateTime64(3, 'UTC'),
    schema_version UInt16,
    content_hash   FixedString(16),
    hash_version   UInt8,
    channel        LowCardinality(String),
    store          String,                     -- a path; filters take the subtree
    batch          String,
    currency       LowCardinality(String),     -- of `amount`
    amount         Nullable(Decimal(18, 4)),   -- an order's total, or the amount paid or refunded
    data           String CODEC(ZSTD(3)),      -- normalised JSON (personal data in traits, comments, texts)
    context        String CODEC(ZSTD(3)),      -- JSON as sent (personal data: ip, address, device)
    topic          LowCardinality(String),
    log_partition      UInt16,
    log_offset         UInt64,
    log_index          UInt16,
    recorded_at    DateTime64(3, 'UTC') DEFAULT now64(3),
    -- what the folds need of `data`, taken out once when the fact is written
    item           String MATERIALIZED         -- what a fact of this type is one of: latest per item wins, or counts by item
        multiIf(type = 'order.refunded', JSONExtractString(data, 'refund_id'),
                type = 'feedback.rated', JSONExtractString(data, 'scale'),
                type = 'consent.changed', JSONExtractString(data, 'purpose'),
                type = 'tier.changed', JSONExtractString(data, 'tier'), ''),
    number         Decimal(18, 4) MATERIALIZED -- a score, or points with their sign
        multiIf(type = 'feedback.rated', toDecimal64OrZero(JSONExtractRaw(data, 'score'), 4),
                type IN ('points.earned', 'points.adjusted'), toDecimal64OrZero(trim(BOTH '"' FROM JSONExtractRaw(data, 'points')), 4),
                type = 'points.spent', -toDecimal64OrZero(trim(BOTH '"' FROM JSONExtractRaw(data, 'points')), 4), toDecimal64(0, 4)),
    lines          String MATERIALIZED if(type IN ('order.placed', 'order.completed', 'order.updated'), JSONExtractRaw(data, 'lines'), ''),
    categories     Array(String) MATERIALIZED
        arrayDistinct(arrayFilter(category -> category != '', JSONExtract(lines, 'Array(Tuple(category String))').1)),
    said           String MATERIALIZED if(type IN ('customer.identified', 'consent.changed'), data, ''),
    INDEX batches batch TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX arrivals received_at TYPE minmax GRANULARITY 4
)
ENGINE = ReplacingMergeTree
ORDER BY (key_hash, key, occurred_at, source, event_id, log_partition, log_offset, log_index)
SETTINGS index_granularity = 256, min_compress_block_size = 4096, max_compress_block_size = 16384;

-- The first place in the log of each subject: a person's id is made of it.
CREATE TABLE subjects
(
    subject_hash UInt64,
    subject      String,
    first        SimpleAggregateFunction(min, Tuple(DateTime64(3, 'UTC'), UInt16, UInt64, UInt16))
)
ENGINE = AggregatingMergeTree
ORDER BY (subject_hash, subject)
SETTINGS index_granularity = 1024;

CREATE MATERIALIZED VIEW subjects_of_events TO subjects AS
SELECT cityHash64(subject) AS subject_hash, subject, min((received_at, log_partition, log_offset, log_index)) AS first
FROM events
WHERE subject != ''
GROUP BY subject;

-- Which things a subject was ever seen with, and who ever claimed a thing: two directions of one relation.
CREATE TABLE subject_things
(
    subject_hash UInt64,
    subject      String,
    thing        String
)
ENGINE = ReplacingMergeTree
ORDER BY (subject_hash, subject, thing)
SETTINGS index_granularity = 1024;

CREATE MATERIALIZED VIEW subject_things_of_events TO subject_things AS
SELECT DISTINCT cityHash64(subject) AS subject_hash, subject, thing
FROM events
WHERE subject != '' AND thing != '';

CREATE TABLE thing_claims
(
    thing_hash  UInt64,
    thing       String,
    subject     String,
    occurred_at DateTime64(6, 'UTC'),
    event_id    String,
    source      LowCardinality(String),
    batch       String,
    received_at DateTime64(3, 'UTC'),
    log_partition   UInt16,
    log_offset      UInt64,
    log_index       UInt16
)
ENGINE = ReplacingMergeTree
ORDER BY (thing_hash, thing, occurred_at, event_id, source, log_partition, log_offset, log_index)
SETTINGS index_granularity = 1024;

CREATE MATERIALIZED VIEW thing_claims_of_events TO thing_claims AS
SELECT cityHash64(thing) AS thing_hash, thing, subject, occurred_at, event_id, source, batch,
       received_at, log_partition, log_offset, log_index
FROM events
WHERE subject != '' AND thing != '';

-- event.voided: what it names, by event or by batch.
CREATE TABLE voids
(
    source       LowCardinality(String),
    target       String,                       -- event_id it voids, or ''
    target_batch String,                       -- batch it voids, or ''
    occurred_at  DateTime64(6, 'UTC'),
    event_id     String,
    batch        String,                       -- the batch it came in itself
    received_at  DateTime64(3, 'UTC'),
    log_partition    UInt16,
    log_offset       UInt64,
    log_index        UInt16
)
ENGINE = ReplacingMergeTree
ORDER BY (source, target, target_batch, event_id, log_partition, log_offset, log_index);

CREATE MATERIALIZED VIEW voids_of_events TO voids AS
SELECT source, JSONExtractString(data, 'event_id') AS target, JSONExtractString(data, 'batch') AS target_batch,
       occurred_at, event_id, batch, received_at, log_partition, log_offset, log_index
FROM events
WHERE type = 'event.voided';

-- Facts whose claim turned out not to be the first in the log (the same id written twice by other partitions' workers).
CREATE TABLE retractions
(
    source       LowCardinality(String),
    event_id     String,
    log_partition    UInt16,
    log_offset       UInt64,
    log_index        UInt16,
    retracted_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree
ORDER BY (source, event_id, log_partition, log_offset, log_index);

-- Events dated ahead of their arrival: the moments at which time alone changes a customer.
CREATE TABLE wakeups
(
    at      DateTime64(6, 'UTC'),
    subject String,
    thing   String
)
ENGINE = ReplacingMergeTree
ORDER BY (at, subject, thing);

CREATE MATERIALIZED VIEW wakeups_of_events TO wakeups AS
SELECT DISTINCT occurred_at AS at, subject, thing
FROM events
WHERE occurred_at > received_at;

-- Which ranges of a topic each stage has done, and how far what it wrote to other topics reaches (cumulative).
CREATE TABLE consumed
(
    stage     LowCardinality(String),
    topic     LowCardinality(String),
    log_partition UInt16,
    first     UInt64,
    last      UInt64,
    events    UInt32,
    watermark DateTime64(3, 'UTC'),            -- append time of the last record of the range
    produced  Array(Tuple(topic String, partition UInt16, offset UInt64)),
    done_at   DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = MergeTree
ORDER BY (stage, topic, log_partition, last)
SETTINGS index_granularity = 256;

-- How far each stage is: the last offset of each partition it has done.
CREATE TABLE heads
(
    stage         LowCardinality(String),
    topic         LowCardinality(String),
    log_partition UInt16,
    last          SimpleAggregateFunction(max, UInt64),
    watermark     SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (stage, topic, log_partition);

CREATE MATERIALIZED VIEW heads_of_consumed TO heads AS
SELECT stage, topic, log_partition, max(last) AS last, max(watermark) AS watermark
FROM consumed
GROUP BY stage, topic, log_partition;

-- Events that could not be taken, with everything needed to repair them.
CREATE TABLE dead_letters
(
    letter_id   String,                        -- made of its place in the dead-letter topic
    code        LowCardinality(String),
    pointer     String,
    message     String,
    source      LowCardinality(String),
    event_id    String,                        -- '' when it could not be read
    origin      LowCardinality(String),        -- ingest or recorder
    topic       String,                        -- the original record's place; '' when refused at ingest
    log_partition Nullable(UInt16),
    log_offset  Nullable(UInt64),
    log_index   UInt16,
    received_at DateTime64(3, 'UTC'),
    original    String CODEC(ZSTD(3)),         -- the bytes as they came (personal data)
    letter_partition UInt16,                   -- place in the dead-letter topic
    letter_offset UInt64,
    letter_index  UInt16,
    INDEX ids event_id TYPE bloom_filter(0.01) GRANULARITY 4
)
ENGINE = ReplacingMergeTree
ORDER BY (received_at, letter_id);
