-- The facts under some keys (and the claims on things) that do not stand, by id and place in the log.
SELECT DISTINCT toString(source), event_id, log_partition, log_offset, log_index
FROM (
    SELECT source, event_id, batch, log_partition, log_offset, log_index
    FROM events
    WHERE (key_hash, key) IN (SELECT cityHash64(name), name FROM names)
    UNION ALL
    SELECT source, event_id, batch, log_partition, log_offset, log_index
    FROM thing_claims
    WHERE (thing_hash, thing) IN (SELECT cityHash64(name), name FROM names)
)
WHERE (source, event_id, log_partition, log_offset, log_index) IN
      (SELECT source, event_id, log_partition, log_offset, log_index FROM retractions)
   OR (source, event_id) IN (SELECT source, target FROM ({{voids_in_effect}}) WHERE target != '')
   OR (source, batch) IN (SELECT source, target_batch FROM ({{voids_in_effect}}) WHERE target_batch != '')
