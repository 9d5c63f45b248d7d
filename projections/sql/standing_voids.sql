-- Voids as such: the first of each id in the log, not retracted, known by then.
SELECT source, target, target_batch, occurred_at, event_id, batch
FROM voids
WHERE received_at <= {known:DateTime64(6, 'UTC')}
  AND (source, event_id, log_partition, log_offset, log_index) NOT IN
      (SELECT source, event_id, log_partition, log_offset, log_index FROM retractions)
ORDER BY received_at, log_partition, log_offset, log_index
LIMIT 1 BY source, event_id
