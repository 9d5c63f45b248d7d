-- What the facts of one order say: an aggregate over its events; `pos` says which is the latest.
max(type = 'order.paid') AS is_paid,
max(type = 'order.completed') AS is_completed,
max(type = 'order.shipped') AS is_shipped,
max(type = 'order.cancelled') AS is_cancelled,
minIf(occurred_at, type IN ('order.paid', 'order.completed')) AS settled_at,
max(amount IS NOT NULL AND type IN ('order.placed', 'order.completed', 'order.updated')) AS has_total,
argMaxIf(assumeNotNull(amount), pos, amount IS NOT NULL AND type IN ('order.placed', 'order.completed', 'order.updated')) AS last_total,
argMaxIf(toString(currency), pos, amount IS NOT NULL AND type IN ('order.placed', 'order.completed', 'order.updated')) AS total_currency,
sumIf(toDecimal128(assumeNotNull(amount), 4), type = 'order.paid') AS paid_amount,
argMaxIf(toString(currency), pos, type = 'order.paid') AS paid_currency,
groupArrayIf((item, pos, assumeNotNull(amount), toString(currency)), type = 'order.refunded') AS refund_events
