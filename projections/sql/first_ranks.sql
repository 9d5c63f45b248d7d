-- Whoever was named with others and is a subject, in the order they first stand in the log.
SELECT subject
FROM subjects
WHERE (subject_hash, subject) IN (SELECT node_hash, node FROM sightings)
GROUP BY subject
ORDER BY min(first)
