-- Some subjects: where each stands first in the log (partition, offset, index say who the person is), the things it was
-- ever seen with, and whether anything at all was ever voided or retracted (most rounds need not ask further).
SELECT subject, first.1, first.2, first.3, first.4, things,
       (SELECT count() FROM voids) + (SELECT count() FROM retractions) > 0 AS some_excluded
FROM ({{subject_firsts}}) AS seen
LEFT JOIN (
    SELECT subject, groupUniqArray(thing) AS things
    FROM subject_things
    WHERE (subject_hash, subject) IN (SELECT cityHash64(name), name FROM names)
    GROUP BY subject
) AS met USING (subject)
