-- Where each of some subjects stands first in the log: (received_at, partition, offset, index).
SELECT subject, place.1, place.2, place.3, place.4
FROM (
    SELECT subject, min(first) AS place
    FROM subjects
    WHERE (subject_hash, subject) IN (SELECT cityHash64(name), name FROM names)
    GROUP BY subject
)
