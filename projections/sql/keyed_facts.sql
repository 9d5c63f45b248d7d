-- The standing facts under `keys`, each once, up to T. (Rows of one place in the log are the same
-- row written twice; of several places of one id all but the first are in `excluded`.) `excluded` lists those that do not stand (see exclusions.sql).
SELECT key, subject, thing, source, event_id, type, channel, store, occurred_at, received_at, currency, amount, item,
       number, lines, categories, brands, line_count, units, discount, coupon, campaign, expires_at, said, data,
       log_partition, log_offset, log_index, {{pos}} AS pos
FROM events
WHERE (key_hash, key) IN (SELECT cityHash64(key), key FROM keys)
  AND occurred_at <= {at:DateTime64(6, 'UTC')}
  AND received_at <= {known:DateTime64(6, 'UTC')}
  AND (toString(source), event_id, log_partition, log_offset, log_index) NOT IN (SELECT * FROM excluded)
LIMIT 1 BY source, event_id
