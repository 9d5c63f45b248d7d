-- All that was ever named together, each distinct set once.
SELECT sighting, toString(kind), any(ids), min(first) AS place
FROM sightings
WHERE node = ids[1]
GROUP BY sighting, kind
ORDER BY place
