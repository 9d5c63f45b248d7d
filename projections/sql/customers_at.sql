-- Recency's moment, frequency and monetary of everybody with a counted order at T, from the facts.
SELECT root, max(settled_at) AS last_order_at, count() AS frequency,
       sumIf(net, order_currency = {currency:String}) AS monetary
FROM (
    SELECT *, {{order_state}}
    FROM (
        SELECT argMinIf(subject, pos, subject != '') AS root, {{order_measures}}
        FROM (
            SELECT key, subject, type, occurred_at, currency, amount, item, lines, categories,
                   {{pos}} AS pos
            FROM events
            WHERE startsWith(type, 'order.') AND occurred_at <= {at:DateTime64(6, 'UTC')} AND {{standing}}
            LIMIT 1 BY source, event_id
        )
        GROUP BY key
    )
    WHERE root != '' AND counts
)
GROUP BY root
