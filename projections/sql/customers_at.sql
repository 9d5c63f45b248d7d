-- Recency's moment, frequency and monetary of everybody with a counted order at T, from the facts. `joined` are the
-- identifiers whose person's root at T is another.
SELECT if(joined.root = '', owner, joined.root) AS root, max(settled_at) AS last_order_at, count() AS frequency,
       sumIf(net, order_currency = {currency:String}) AS monetary
FROM (
    SELECT *, {{order_state}}
    FROM (
        SELECT argMinIf(subject, pos, subject != '') AS owner, {{order_measures}}
        FROM (
            SELECT key, subject, type, occurred_at, currency, amount, item, lines, categories,
                   {{pos}} AS pos
            FROM events
            WHERE startsWith(type, 'order.') AND occurred_at <= {at:DateTime64(6, 'UTC')} AND {{standing}}
            LIMIT 1 BY source, event_id
        )
        GROUP BY key
    )
    WHERE owner != '' AND counts
) AS bought
LEFT JOIN joined ON bought.owner = joined.node
GROUP BY root
