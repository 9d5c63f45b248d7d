-- What was set by hand for the persons of `keys` and holds at T: root, assigned (ref -> value), assigned_until (the next end).
SELECT root, mapFromArrays(groupArray(ref), groupArray(value)) AS assigned, min(until) AS assigned_until
FROM (
    SELECT keys.root AS root, assignments.ref AS ref, argMax(assignments.value, assignments.version) AS value,
           argMax(tuple(assignments.until), assignments.version).1 AS until
    FROM assignments
    INNER JOIN keys ON assignments.address = keys.key
    WHERE keys.own = 1 AND assignments.address IN (SELECT key FROM keys WHERE own = 1)
      AND assignments.received_at <= least({at:DateTime64(6, 'UTC')}, {known:DateTime64(6, 'UTC')})
    GROUP BY root, ref
)
WHERE value != '' AND (until IS NULL OR until > {at:DateTime64(6, 'UTC')})
GROUP BY root
