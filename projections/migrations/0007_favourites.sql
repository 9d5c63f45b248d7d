-- What a customer buys most often, and the versions of what everybody is scored against.

ALTER TABLE profiles
    ADD COLUMN IF NOT EXISTS favourite_category String;       -- of most counted orders; '' for none

-- What scores and shares are made of at one time, as schemas/rfm.py means it. The greatest version holds.
CREATE TABLE rfm_boundaries
(
    version       UInt64,                      -- milliseconds of `at`
    at            DateTime64(6, 'UTC'),        -- the moment it was computed for
    customers     UInt64,                      -- those with a counted order
    recency_sum   Int64,                       -- whole days
    frequency_sum UInt64,
    monetary_sum  Decimal(38, 4),
    recency       Array(Int64),                -- quintile boundaries, 4 or none
    frequency     Array(UInt64),
    monetary      Array(Decimal(38, 4)),
    shares        Array(Decimal(38, 4)),       -- of net amount: 99 or none
    cause         LowCardinality(String)       -- schedule, demand
)
ENGINE = ReplacingMergeTree
ORDER BY version
SETTINGS index_granularity = 64;
