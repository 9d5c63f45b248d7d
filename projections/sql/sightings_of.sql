-- What some identifiers were named with, each distinct set once; of those who join nobody by being seen (`silent`)
-- links and unlinks only. `place` is of the earliest event that says so, whether it stands or not.
SELECT sighting, toString(any(kind)), any(ids), min(first) AS place
FROM (
    SELECT sighting, kind, ids, first
    FROM sightings
    WHERE (node_hash, node) IN (SELECT cityHash64(name), name FROM asked WHERE silent = 0)
    UNION ALL
    SELECT sighting, kind, ids, first
    FROM sightings
    WHERE (node_hash, node) IN (SELECT cityHash64(name), name FROM asked WHERE silent = 1) AND kind != 'seen'
)
GROUP BY sighting
