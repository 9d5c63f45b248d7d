-- Segments and tags: what operators said of them, who is in them, and what changed when and why.

-- Why a version was not taken ('' when it was): it was said for another version than the one in force, or refers to
-- what there is not. One that was not taken never holds.
ALTER TABLE controls ADD COLUMN IF NOT EXISTS rejected String;

-- What was set by hand: members of static segments, values of manual tags. By identifier, so that joining and parting
-- people needs no undo. Of several on identifiers of one person the latest version holds.
CREATE TABLE assignments
(
    address     String,                        -- an identifier (personal data)
    ref         String,                        -- segment:key or tag:key
    version     UInt64,                        -- offset in the control topic + 1
    value       String,                        -- JSON text: true, or a text; '' takes it away
    until       Nullable(DateTime64(6, 'UTC')),  -- holds before that moment only
    author      String,                        -- the name of the API key
    received_at DateTime64(3, 'UTC')           -- Kafka's append time
)
ENGINE = ReplacingMergeTree
ORDER BY (address, ref, version)
SETTINGS index_granularity = 1024;

-- What holds of each person now. Greatest version, then greatest sequence, holds; both are made of inputs, not of the clock.
CREATE TABLE memberships
(
    root      String,                          -- as in profiles (personal data)
    person_id String,
    version   UInt64,                          -- offset in the touched topic + 1
    sequence  UInt64,                          -- how many of the person's steps changed anything
    held      Array(Tuple(ref String, value String, since DateTime64(6, 'UTC'))),  -- segment:key, tag:key; JSON text
    flips_at  Nullable(DateTime64(6, 'UTC'))   -- when time alone may change any of it
)
ENGINE = ReplacingMergeTree(version)
ORDER BY root
SETTINGS index_granularity = 256, min_compress_block_size = 4096, max_compress_block_size = 16384;

-- Every change of membership, for ever: never computed anew. Written before `memberships` and before Kafka is told.
CREATE TABLE changes
(
    kind       LowCardinality(String),         -- segment, tag
    key        String,
    root       String,                         -- (personal data)
    root_hash  UInt64 MATERIALIZED cityHash64(root),
    sequence   UInt64,                         -- the person's step that made it
    person_id  String,
    change_id  String,                         -- made of the person, kind, key, sequence, from and to
    before     String,                         -- JSON text: false, null, true, a text
    after      String,
    at         DateTime64(6, 'UTC'),
    cause      LowCardinality(String),
    cause_ref  String,
    definition_version UInt64,                 -- 0: as built in
    log_partition UInt16,                      -- of the touched topic
    version    UInt64,                         -- offset there + 1
    INDEX people person_id TYPE bloom_filter(0.001) GRANULARITY 4
)
ENGINE = ReplacingMergeTree
ORDER BY (kind, key, root_hash, root, sequence)
SETTINGS index_granularity = 1024;

-- Moments at which time alone may change somebody's memberships.
CREATE TABLE flips
(
    at   DateTime64(6, 'UTC'),
    root String,                               -- (personal data)
    written_at DateTime DEFAULT now()
)
ENGINE = ReplacingMergeTree
ORDER BY (at, root)
TTL greatest(toDateTime(at), written_at) + INTERVAL 8 DAY;

-- Passes over everybody: begun for a new definition, new boundaries, or a new way to compute.
CREATE TABLE passes
(
    pass_id     UInt64,                        -- grows
    cause       LowCardinality(String),
    cause_ref   String,
    refs        Array(String),                 -- which definitions; empty: all
    library     String,                        -- fingerprint of the definitions and of how they are computed
    partitions  UInt16,                        -- of the touched topic
    buckets     UInt32,                        -- steps in each partition
    begun_at    DateTime64(6, 'UTC'),
    written_at  DateTime DEFAULT now()
)
ENGINE = ReplacingMergeTree
ORDER BY pass_id
TTL written_at + INTERVAL 90 DAY;

CREATE TABLE pass_steps
(
    pass_id       UInt64,
    log_partition UInt16,
    bucket        UInt32,
    done_at       DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree
ORDER BY (pass_id, log_partition, bucket)
TTL toDateTime(done_at) + INTERVAL 90 DAY;

-- Where a segment with a limit ends: the rank of its last member, and what tells those of one rank apart.
CREATE TABLE cuts
(
    ref                String,
    version            UInt64,                 -- grows: milliseconds
    definition_version UInt64,
    rank               Float64,
    tie                UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (ref, version);
