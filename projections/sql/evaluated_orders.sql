-- The orders of some persons, a row an order, with what definitions may ask of it. `counted_at` is NULL while it is
-- neither paid nor completed; of its lines what is blank says nothing.
SELECT root, substring(key, 7, position(key, '/') - 7) AS source, substring(key, position(key, '/') + 1) AS order_id,
       multiIf(is_cancelled, 'cancelled', fully_refunded, 'refunded', notEmpty(refund_events), 'partially_refunded',
               is_completed, 'completed', is_shipped, 'shipped', is_paid, 'paid', 'placed') AS state, net, total, order_currency AS currency, order_channel AS channel, store,
       if(settled, settled_at, NULL) AS counted_at,
       JSONExtract(order_lines, 'Array(Tuple(category String, brand String, sku String))') AS said_lines,
       arrayFilter(said -> said != '', said_lines.category) AS categories,
       arrayFilter(said -> said != '', said_lines.brand) AS brands,
       arrayFilter(said -> said != '', said_lines.sku) AS skus
FROM (
    SELECT *, {{order_state}}
    FROM (
        SELECT any(owner_key.root) AS root, fact.key AS key, {{order_measures}}, {{order_details}},
               argMaxIf(lines, pos, line_count > 0) AS order_lines,
               argMaxIf(store, pos, store != '') AS store
        FROM ({{keyed_facts}}) AS fact
        INNER JOIN keys AS owner_key ON fact.key = owner_key.key
        WHERE owner_key.own = 0 AND owner_key.root != '' AND startsWith(fact.key, 'order:')
        GROUP BY fact.key
    )
)
