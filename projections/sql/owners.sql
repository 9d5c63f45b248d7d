-- Whose each of some things is at T: the subject of the earliest standing event about it that carries identifiers.
SELECT thing, argMin(subject, (occurred_at, event_id, source)) AS owner
FROM thing_claims
WHERE (thing_hash, thing) IN (SELECT cityHash64(name), name FROM names)
  AND occurred_at <= {at:DateTime64(6, 'UTC')}
  AND received_at <= {known:DateTime64(6, 'UTC')}
  AND (toString(source), event_id, log_partition, log_offset, log_index) NOT IN (SELECT * FROM excluded)
GROUP BY thing
