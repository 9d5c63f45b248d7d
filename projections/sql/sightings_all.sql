-- All that was ever named together, each distinct set once, oldest first: those whose first identifier lies in a range
-- of hashes.
SELECT sighting, toString(kind), any(ids), min(first) AS place
FROM sightings
WHERE node = ids[1] AND node_hash BETWEEN {least:UInt64} AND {most:UInt64}
GROUP BY sighting, kind
ORDER BY place
