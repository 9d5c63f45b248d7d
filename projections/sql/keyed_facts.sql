-- The standing facts under `keys`, each once, up to T. `excluded` lists those that do not stand (see exclusions.sql).
SELECT key, subject, thing, source, event_id, type, channel, store, occurred_at, received_at, currency, amount, item,
       number, lines, data, log_partition, log_offset, log_index, (occurred_at, event_id, toString(source)) AS pos
FROM events
WHERE (key_hash, key) IN (SELECT cityHash64(key), key FROM keys)
  AND occurred_at <= {at:DateTime64(6, 'UTC')}
  AND received_at <= {known:DateTime64(6, 'UTC')}
  AND (toString(source), event_id, log_partition, log_offset, log_index) NOT IN (
      SELECT arrayJoin(JSONExtract({excluded:String}, 'Array(Tuple(String, String, UInt16, UInt64, UInt16))')))
ORDER BY received_at, log_partition, log_offset, log_index
LIMIT 1 BY source, event_id
