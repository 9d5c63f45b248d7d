-- The order these measures make, by the rules of the contract: its total, what was given back, whether it counts.
-- One refund per refund_id: its latest amount.
if(empty(refund_events), map(), arrayReduce('maxMap', arrayMap(refund -> map(refund.1, (refund.2, refund.3)), refund_events))) AS refunds,
if(has_total, toDecimal128(last_total, 4), paid_amount) AS total,
multiIf(has_total, total_currency, paid_currency != '', paid_currency,
        empty(refund_events), {currency:String}, arrayMax(refund -> (refund.2, refund.4), refund_events).2) AS order_currency,
arraySum(refund -> toDecimal128(refund.2, 4), mapValues(refunds)) AS refund_sum,
least(refund_sum, total) AS refunded,
total > 0 AND refund_sum >= total AND notEmpty(refund_events) AS fully_refunded,
(is_paid OR is_completed) AS settled,
settled AND NOT is_cancelled AND NOT fully_refunded AS counts,
if(is_cancelled OR fully_refunded, toDecimal128(0, 4), greatest(total - refund_sum, toDecimal128(0, 4))) AS net
