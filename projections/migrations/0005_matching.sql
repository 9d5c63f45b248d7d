-- Pairs of people that `cdp match` takes for one, and what an operator decided. Not from the log: a decision about a
-- suggestion is no fact about a customer; what an acceptance says of customers is an event (customer.linked).
CREATE TABLE match_suggestions
(
    suggestion_id String,                      -- blake2b-128 of both person ids
    left_person   String,
    left_root     String,                      -- the address that person was known by (personal data)
    right_person  String,
    right_root    String,                      -- (personal data)
    probability   Float64,
    reasons       String,                      -- JSON: what was compared, what it says, with how many bits
    made_at       DateTime64(6, 'UTC'),        -- the run that proposed it last
    status        LowCardinality(String),      -- open, withdrawn (a later run did not propose it), accepted, rejected
    decided_at    Nullable(DateTime64(6, 'UTC')),  -- on an open one: accepted, but Kafka has not acknowledged yet
    version       UInt64                       -- the run's time; any decision is greater than any run
)
ENGINE = ReplacingMergeTree(version)
ORDER BY suggestion_id;
