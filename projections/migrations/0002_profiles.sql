-- The customer dossier, one row a person and version; the greatest version holds. `version` is made of inputs (the
-- offset in the touched topic), never of the clock, so a late writer cannot overwrite newer truth.
CREATE TABLE profiles
(
    root              String,                  -- the member that is first in the log (personal data)
    person_id         String,                  -- UUIDv5 of that place
    version           UInt64,
    members           Array(String),           -- addresses of the person's subjects (personal data)
    present           UInt8,                   -- 0: nobody (a former id, or every fact voided)
    as_of             DateTime64(6, 'UTC'),    -- the T it was folded at
    -- of the facts that count for the person: how many of each type, the first and the last
    type_counts       Map(String, UInt64),
    type_first        Map(String, DateTime64(6, 'UTC')),
    type_last         Map(String, DateTime64(6, 'UTC')),
    by_channel        Map(String, UInt64),     -- interactions only
    orders_count      UInt64,                  -- counted orders, every currency
    orders_valued     UInt64,                  -- counted orders in the platform's currency
    net_amount        Decimal(38, 4),
    count_by_currency Map(String, UInt64),
    net_by_currency   Map(String, Decimal(38, 4)),
    first_order_at    Nullable(DateTime64(6, 'UTC')),
    last_order_at     Nullable(DateTime64(6, 'UTC')),
    refunded_amount   Decimal(38, 4),
    refund_count      UInt64,
    categories        Array(String),
    csat_sum          Decimal(38, 4),
    csat_count        UInt64,
    nps_last          Nullable(Int16),
    open_tickets      UInt64,
    points            Decimal(38, 4),
    tier              String,
    -- per key: (occurred_at + event_id + source, value as JSON) of the event that occurred last (personal data)
    traits            Map(String, Tuple(pos String, value String)),
    consent           Map(String, Tuple(pos String, value String)),
    INDEX people person_id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
ORDER BY root
SETTINGS index_granularity = 256, min_compress_block_size = 4096, max_compress_block_size = 16384;
