-- The order these measures make, by the rules of the contract: its total, what was given back, whether it counts.
multiIf(last_total.3 != '', toDecimal128(last_total.2, 4), paid_amount) AS total,
multiIf(last_total.3 != '', last_total.3, paid_currency != '', paid_currency, refund_currency != '', refund_currency, {currency:String}) AS order_currency,
arraySum(refund -> toDecimal128(refund.2, 4), mapValues(refunds)) AS refund_sum,
least(refund_sum, total) AS refunded,
total > 0 AND refund_sum >= total AND length(refunds) > 0 AS fully_refunded,
has(order_types, 'order.cancelled') AS cancelled,
settled > 0 AND NOT cancelled AND NOT fully_refunded AS counts,
if(cancelled OR fully_refunded, toDecimal128(0, 4), greatest(total - refund_sum, toDecimal128(0, 4))) AS net
