-- Rebuilds of projections: how far each is, from where it catches up, and what was live before. The last step holds.
CREATE TABLE rebuilds
(
    rebuild_id UInt64,                         -- grows
    step       UInt64,
    name       LowCardinality(String),         -- of the projection
    from_log   Bool,
    state      LowCardinality(String),         -- filling, filled, swapping, live, returning, back (rolled back), dropped
    cursor     UInt64,                         -- up to which hash of subjects persons are folded
    touched    Array(Tuple(UInt16, UInt64)),   -- per partition, the offset from which touches are still to be followed
    events     Array(Tuple(UInt16, UInt64)),   -- the same of events, for a rebuild from the log
    uuids      Array(Tuple(String, String)),   -- of each table to swap, the live one's before
    written_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree
ORDER BY (rebuild_id, step)
SETTINGS index_granularity = 64;
