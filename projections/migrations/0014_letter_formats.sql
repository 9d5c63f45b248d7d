-- Whose form the original of a dead letter has.

ALTER TABLE dead_letters
    ADD COLUMN IF NOT EXISTS format LowCardinality(String);  -- '' a native event, else the channel that translates it
