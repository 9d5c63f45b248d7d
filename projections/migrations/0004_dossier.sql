-- What the whole dossier needs of the facts, taken out once when a fact is written, and where the profiles hold it.

ALTER TABLE events
    -- of the event's lines: distinct brands, how many lines, and the sum of their quantities
    ADD COLUMN IF NOT EXISTS brands Array(String) MATERIALIZED
        arrayDistinct(arrayFilter(brand -> brand != '', JSONExtract(lines, 'Array(Tuple(brand String))').1)),
    ADD COLUMN IF NOT EXISTS line_count UInt32 MATERIALIZED length(JSONExtractArrayRaw(lines)),
    ADD COLUMN IF NOT EXISTS units Decimal(38, 6) MATERIALIZED
        arraySum(line -> toDecimal64OrZero(JSONExtractRaw(line, 'quantity'), 6), JSONExtractArrayRaw(lines)),
    -- what an order was sold for less with: NULL and '' say nothing
    ADD COLUMN IF NOT EXISTS discount Nullable(Decimal(18, 4)) MATERIALIZED
        if(type IN ('order.placed', 'order.completed', 'order.updated'),
           toDecimal64OrNull(JSONExtractString(data, 'discount'), 4), NULL),
    ADD COLUMN IF NOT EXISTS coupon String MATERIALIZED
        if(type IN ('order.placed', 'order.completed', 'order.updated'), JSONExtractString(data, 'coupon'), ''),
    -- what brought the customer, from the data, else from the context: a string that is not blank, or ''
    ADD COLUMN IF NOT EXISTS campaign LowCardinality(String) MATERIALIZED
        multiIf(position(data, '"campaign"') > 0 AND JSONType(data, 'campaign') = 'String'
                    AND match(JSONExtractString(data, 'campaign'), '[^\\s\\p{Z}]'), JSONExtractString(data, 'campaign'),
                position(context, '"campaign"') > 0 AND JSONType(context, 'campaign') = 'String'
                    AND match(JSONExtractString(context, 'campaign'), '[^\\s\\p{Z}]'), JSONExtractString(context, 'campaign'), ''),
    -- until when earned points, or a tier, hold
    ADD COLUMN IF NOT EXISTS expires_at Nullable(DateTime64(6, 'UTC')) MATERIALIZED
        multiIf(type = 'points.earned', parseDateTime64BestEffortOrNull(JSONExtractString(data, 'expires_at'), 6, 'UTC'),
                type = 'tier.changed', parseDateTime64BestEffortOrNull(JSONExtractString(data, 'valid_until'), 6, 'UTC'), NULL);

ALTER TABLE profiles
    ADD COLUMN IF NOT EXISTS brands Array(String),            -- of counted orders
    ADD COLUMN IF NOT EXISTS orders_with_lines UInt64,        -- counted orders that have lines, and what these hold
    ADD COLUMN IF NOT EXISTS line_count UInt64,
    ADD COLUMN IF NOT EXISTS units Decimal(38, 6),
    ADD COLUMN IF NOT EXISTS discounted_amount Decimal(38, 4),  -- the part of net_amount that lies in discounted orders
    ADD COLUMN IF NOT EXISTS preferred_channel String,        -- '' for none
    ADD COLUMN IF NOT EXISTS preferred_hour Nullable(UInt8),  -- 0 to 23, in the platform's time zone
    ADD COLUMN IF NOT EXISTS preferred_weekday Nullable(UInt8),  -- 1 = Monday
    ADD COLUMN IF NOT EXISTS by_campaign Map(String, UInt64),  -- interactions only
    -- of the first and the last interaction, divided by NUL: occurred_at + event_id, source, type, channel, campaign
    ADD COLUMN IF NOT EXISTS first_touch String,
    ADD COLUMN IF NOT EXISTS last_touch String,
    ADD COLUMN IF NOT EXISTS sessions UInt64,                 -- runs of interactions at most 30 minutes apart
    ADD COLUMN IF NOT EXISTS stars_sum Decimal(38, 4),
    ADD COLUMN IF NOT EXISTS stars_count UInt64,
    ADD COLUMN IF NOT EXISTS nps_count UInt64,
    ADD COLUMN IF NOT EXISTS tickets UInt64,
    ADD COLUMN IF NOT EXISTS tier_until Nullable(DateTime64(6, 'UTC')),
    -- points that were earned until a time and are not spent: how many expire when, or did
    ADD COLUMN IF NOT EXISTS expiring Array(Tuple(at DateTime64(6, 'UTC'), points Decimal(38, 4)));
