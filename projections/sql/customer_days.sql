-- Recency in whole days of 24 h, rounded down, of customers given by `customers`.
SELECT root, frequency, monetary,
       intDiv(toUnixTimestamp64Micro({at:DateTime64(6, 'UTC')}) - toUnixTimestamp64Micro(last_order_at), 86400000000) AS recency
