-- Recency's moment, frequency and monetary of everybody with a counted order at T, from the facts. `joined` are the
-- identifiers whose person's root at T is another. A store takes those below it, a category orders with any such line;
-- '' asks for all: then ClickHouse leaves out what only these conditions need.
SELECT if(joined.root = '', owner, joined.root) AS root, max(settled_at) AS last_order_at, count() AS frequency,
       sumIf(net, order_currency = {currency:String}) AS monetary
FROM (
    SELECT *, {{order_state}}
    FROM (
        SELECT argMinIf(subject, pos, subject != '') AS owner, argMaxIf(store, pos, store != '') AS order_store,
               {{order_measures}}, {{order_details}}
        FROM (
            SELECT key, subject, type, store, channel, occurred_at, currency, amount, item, lines, categories, brands,
                   line_count, units, discount, coupon, {{pos}} AS pos
            FROM events
            WHERE startsWith(type, 'order.') AND occurred_at <= {at:DateTime64(6, 'UTC')} AND {{standing}}
            LIMIT 1 BY source, event_id
        )
        GROUP BY key
    )
    WHERE owner != '' AND counts
      AND ({store:String} = '' OR order_store = {store:String} OR startsWith(order_store, concat({store:String}, '/')))
      AND ({category:String} = '' OR has(bought.1, {category:String}))
      AND ({channel:String} = '' OR order_channel = {channel:String})
) AS bought
LEFT JOIN joined ON bought.owner = joined.node
GROUP BY root
