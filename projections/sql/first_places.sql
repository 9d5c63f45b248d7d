-- Where some subjects stand first in the log; who never was a subject is missing.
SELECT subject, min(first) AS place
FROM subjects
WHERE (subject_hash, subject) IN (SELECT cityHash64(name), name FROM names)
GROUP BY subject
