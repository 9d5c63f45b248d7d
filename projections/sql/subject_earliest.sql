-- Where some subjects stand first in the log, whether that fact was retracted or not.
SELECT subject, min(first) AS place
FROM subject_places
WHERE (subject_hash, subject) IN (SELECT cityHash64(name), name FROM names)
GROUP BY subject
