-- The same, from the profiles as they are now.
SELECT root, assumeNotNull(last_order_at) AS last_order_at, orders_count AS frequency, net_amount AS monetary
FROM profiles FINAL
WHERE present = 1 AND orders_count > 0
