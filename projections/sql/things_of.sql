-- The things some subjects were ever seen with.
SELECT subject, thing
FROM subject_things
WHERE (subject_hash, subject) IN (SELECT cityHash64(name), name FROM names)
GROUP BY subject, thing
