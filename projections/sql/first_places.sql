-- Where each of some subjects stands first in the log: (received_at, partition, offset, index).
SELECT subject, min(first) AS place
FROM subjects
WHERE (subject_hash, subject) IN (SELECT cityHash64(name), name FROM names)
GROUP BY subject
