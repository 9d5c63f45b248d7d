-- Where some subjects stand first in the log, by facts that are not retracted.
SELECT subject, min(start) AS first
FROM (
    SELECT subject, arrayJoin(groupArraySortedMerge(8)(starts)) AS start
    FROM subject_starts
    WHERE (subject_hash, subject) IN (SELECT cityHash64(name), name FROM names)
    GROUP BY subject
)
WHERE (start.2, start.3, start.4) NOT IN (SELECT log_partition, log_offset, log_index FROM retractions)
GROUP BY subject
