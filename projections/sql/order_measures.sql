-- What the facts of one order say (an aggregate over its events, `pos` = (occurred_at, event_id, source) breaks ties).
countIf(type IN ('order.paid', 'order.completed')) AS settled,
minIf(occurred_at, type IN ('order.paid', 'order.completed')) AS settled_at,
groupUniqArray(toString(type)) AS order_types,
maxIf((pos, assumeNotNull(amount), currency), amount IS NOT NULL AND type IN ('order.placed', 'order.completed', 'order.updated')) AS last_total,
sumIf(toDecimal128(assumeNotNull(amount), 4), type = 'order.paid') AS paid_amount,
argMaxIf(currency, pos, type = 'order.paid') AS paid_currency,
argMaxIf(currency, pos, type = 'order.refunded') AS refund_currency,
maxMapIf(map(item, (pos, assumeNotNull(amount))), type = 'order.refunded') AS refunds,
argMaxIf(lines, pos, lines NOT IN ('', '[]')) AS order_lines
