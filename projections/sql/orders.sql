-- A person's orders, latest first: by the time they count from, else by their first event's.
SELECT key, order_currency AS currency, total, refunded, net, if(settled, settled_at, NULL) AS counted_at, order_lines,
       counts, order_events, refund_sum > total AS over_refunded,
       multiIf(is_cancelled, 'cancelled', fully_refunded, 'refunded', notEmpty(refund_events), 'partially_refunded',
               is_completed, 'completed', is_shipped, 'shipped', is_paid, 'paid', 'placed') AS state,
       store, order_channel AS channel, order_discount AS discount, order_coupon AS coupon, refunds_said,
       if(settled, settled_at, began_at) AS sorted_at
FROM (
    SELECT *, {{order_state}}
    FROM (
        SELECT key, {{order_measures}}, {{order_details}},
               argMaxIf(lines, pos, line_count > 0) AS order_lines,
               groupArrayIf((pos, data), type = 'order.refunded') AS refunds_said,
               min(occurred_at) AS began_at,
               argMaxIf(store, pos, store != '') AS store,
               arraySort(groupArray((occurred_at, event_id, toString(source), toString(type)))) AS order_events
        FROM ({{keyed_facts}})
        WHERE startsWith(key, 'order:') AND key IN (SELECT key FROM keys WHERE root != '')
        GROUP BY key
    )
)
WHERE (sorted_at, key) < ({before_at:DateTime64(6, 'UTC')}, {before_id:String})
ORDER BY sorted_at DESC, key DESC
LIMIT {limit:UInt32}
