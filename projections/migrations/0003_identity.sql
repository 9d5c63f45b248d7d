-- Who is one person: what was seen together, and what came of it.
-- What was seen is derived from facts alone; `identities` and `refusals` are the resolver's, computed from it by the
-- rules (projections/identity), their `version` made of the offset that asked for it.

-- Identifiers that events name together, once for each distinct set and each of its identifiers; a link or unlink is
-- one of its own. `first` is the earliest event that says so, standing or not.
CREATE TABLE sightings
(
    node_hash UInt64,
    node      String,                          -- one of the identifiers (personal data)
    kind      LowCardinality(String),          -- seen, linked, unlinked
    sighting  UInt64,                          -- hash of kind and ids; of a link or unlink, of its event, too
    ids       SimpleAggregateFunction(any, Array(String)),  -- all of them by priority (personal data)
    first     SimpleAggregateFunction(min, Tuple(occurred_at DateTime64(6, 'UTC'), event_id String, source String,
              batch String, received_at DateTime64(3, 'UTC'), log_partition UInt16, log_offset UInt64, log_index UInt16))
)
ENGINE = AggregatingMergeTree
ORDER BY (node_hash, node, kind, sighting)
SETTINGS index_granularity = 256, min_compress_block_size = 4096, max_compress_block_size = 16384;

-- Every event that names several identifiers, by what it says: the next to count when the first does not stand.
CREATE TABLE sighting_events
(
    sighting      UInt64,
    occurred_at   DateTime64(6, 'UTC'),
    event_id      String,
    source        LowCardinality(String),
    batch         String,
    received_at   DateTime64(3, 'UTC'),
    log_partition UInt16,
    log_offset    UInt64,
    log_index     UInt16
)
ENGINE = ReplacingMergeTree
ORDER BY (sighting, occurred_at, event_id, source, log_partition, log_offset, log_index)
SETTINGS index_granularity = 1024;

CREATE MATERIALIZED VIEW sightings_of_events TO sightings AS
SELECT cityHash64(name) AS node_hash, name AS node, said AS kind, number AS sighting, any(named) AS ids, min(place) AS first
FROM (
    SELECT
        arrayJoin(ids) AS name, ids AS named,
        multiIf(type = 'customer.linked', 'linked', type = 'customer.unlinked', 'unlinked', 'seen') AS said,
        if(said = 'seen', cityHash64(ids), cityHash64(said, ids, toString(source), event_id)) AS number,
        (occurred_at, event_id, toString(source), batch, received_at, log_partition, log_offset, log_index) AS place
    FROM events
    WHERE length(ids) > 1 AND type != 'event.voided'
)
GROUP BY node_hash, node, kind, sighting;

CREATE MATERIALIZED VIEW sighting_events_of_events TO sighting_events AS
SELECT
    if(type IN ('customer.linked', 'customer.unlinked'),
       cityHash64(if(type = 'customer.linked', 'linked', 'unlinked'), ids, toString(source), event_id),
       cityHash64(ids)) AS sighting,
    occurred_at, event_id, source, batch, received_at, log_partition, log_offset, log_index
FROM events
WHERE length(ids) > 1 AND type != 'event.voided';

-- Events dated ahead that name several identifiers: what they say counts when their time comes.
CREATE TABLE sightings_ahead
(
    at  DateTime64(6, 'UTC'),
    ids Array(String)                          -- (personal data)
)
ENGINE = ReplacingMergeTree
ORDER BY (at, ids);

CREATE MATERIALIZED VIEW sightings_ahead_of_events TO sightings_ahead AS
SELECT DISTINCT occurred_at AS at, ids
FROM events
WHERE occurred_at > received_at AND length(ids) > 1 AND type != 'event.voided';

-- Each identifier that was ever joined, and the root of its person now: the member that stands first in the log. An
-- identifier that is not here, or is its own root, is a person of its own, if it is anybody.
CREATE TABLE identities
(
    node_hash UInt64,
    node      String,                          -- (personal data)
    root      String,                          -- (personal data)
    version   UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (node_hash, node)
SETTINGS index_granularity = 256, min_compress_block_size = 4096, max_compress_block_size = 16384;

-- The other direction. It also holds who was a member once: `identities` says who still is.
CREATE TABLE members
(
    root_hash UInt64,
    root      String,                          -- (personal data)
    node      String                           -- (personal data)
)
ENGINE = ReplacingMergeTree
ORDER BY (root_hash, root, node)
SETTINGS index_granularity = 256, min_compress_block_size = 4096, max_compress_block_size = 16384;

CREATE MATERIALIZED VIEW members_of_identities TO members AS
SELECT cityHash64(root) AS root_hash, root, node
FROM identities;

-- Pairs that were seen together but are not joined for it, under each of the two; `refused` 0: no longer.
CREATE TABLE refusals
(
    node_hash   UInt64,
    node        String,                        -- (personal data)
    other       String,                        -- (personal data)
    rule        LowCardinality(String),
    occurred_at DateTime64(6, 'UTC'),          -- of the earliest event that was refused, as event_id and source
    event_id    String,
    source      LowCardinality(String),
    refused     UInt8,
    version     UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (node_hash, node, other)
SETTINGS index_granularity = 256;

-- What the resolver has weighed, and as of which event: an earlier one makes it weigh again.
CREATE TABLE weighed
(
    sighting    UInt64,
    occurred_at DateTime64(6, 'UTC'),
    event_id    String,
    source      LowCardinality(String),
    version     UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY sighting
SETTINGS index_granularity = 1024;

-- What operators said through the control topic, every version of it.
CREATE TABLE controls
(
    kind        LowCardinality(String),        -- identity_rules, …
    key         String,
    version     UInt64,                        -- offset in the control topic + 1
    value       String CODEC(ZSTD(3)),         -- JSON
    author      String,                        -- the name of the API key
    received_at DateTime64(3, 'UTC')           -- Kafka's append time
)
ENGINE = ReplacingMergeTree
ORDER BY (kind, key, version);

-- The first places in the log of each subject, instead of the first alone: the next one counts when a fact is retracted.
-- (Eight are enough: a retracted fact is one that was recorded before an earlier one of the same id from another
-- partition, which is rare for any event, and is meant here to be a customer's first.)
CREATE TABLE subject_starts
(
    subject_hash UInt64,
    subject      String,                       -- (personal data)
    starts       AggregateFunction(groupArraySorted(8), Tuple(DateTime64(3, 'UTC'), UInt16, UInt64, UInt16))
)
ENGINE = AggregatingMergeTree
ORDER BY (subject_hash, subject)
SETTINGS index_granularity = 1024;

CREATE MATERIALIZED VIEW subject_starts_of_events TO subject_starts AS
SELECT cityHash64(subject) AS subject_hash, subject,
       groupArraySortedState(8)((received_at, log_partition, log_offset, log_index)) AS starts
FROM events
WHERE subject != ''
GROUP BY subject;

DROP VIEW IF EXISTS subjects_of_events;

DROP TABLE IF EXISTS subjects;

-- What was recorded before there was identity.
INSERT INTO subject_starts
SELECT cityHash64(subject) AS subject_hash, subject,
       groupArraySortedState(8)((received_at, log_partition, log_offset, log_index)) AS starts
FROM events
WHERE subject != ''
GROUP BY subject;

INSERT INTO sightings
SELECT cityHash64(name) AS node_hash, name AS node, said AS kind, number AS sighting, any(named) AS ids, min(place) AS first
FROM (
    SELECT
        arrayJoin(ids) AS name, ids AS named,
        multiIf(type = 'customer.linked', 'linked', type = 'customer.unlinked', 'unlinked', 'seen') AS said,
        if(said = 'seen', cityHash64(ids), cityHash64(said, ids, toString(source), event_id)) AS number,
        (occurred_at, event_id, toString(source), batch, received_at, log_partition, log_offset, log_index) AS place
    FROM events
    WHERE length(ids) > 1 AND type != 'event.voided'
)
GROUP BY node_hash, node, kind, sighting;

INSERT INTO sighting_events
SELECT
    if(type IN ('customer.linked', 'customer.unlinked'),
       cityHash64(if(type = 'customer.linked', 'linked', 'unlinked'), ids, toString(source), event_id),
       cityHash64(ids)) AS sighting,
    occurred_at, event_id, source, batch, received_at, log_partition, log_offset, log_index
FROM events
WHERE length(ids) > 1 AND type != 'event.voided';

INSERT INTO sightings_ahead
SELECT DISTINCT occurred_at AS at, ids
FROM events
WHERE occurred_at > received_at AND length(ids) > 1 AND type != 'event.voided';

-- Every step the resolver takes: whom to fold anew for it. Written before what it changes. A step whose records were
-- not acknowledged may not have touched everybody: whoever comes next does.
CREATE TABLE resolutions
(
    version UInt64,
    until   UInt64,                            -- the last offset of the records it was taken for
    touched Array(String),                     -- roots, former and present (personal data)
    made_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree
ORDER BY version
SETTINGS index_granularity = 64;
