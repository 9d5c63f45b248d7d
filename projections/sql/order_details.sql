-- What else the facts of one order say, beside its state: an aggregate over its events, as in order_measures.sql.
-- The lines are the latest event's that has any; discount and coupon each the latest event's that carries it.
argMaxIf((categories, brands, line_count, units), pos, line_count > 0) AS bought,
argMaxIf(toString(channel), pos, channel != '') AS order_channel,
argMaxIf(discount, pos, discount IS NOT NULL) AS order_discount,
argMaxIf(coupon, pos, coupon != '') AS order_coupon
