-- Where some subjects stand first in the log, by facts that are not retracted. Of whom the earliest was, the next ones
-- are looked at.
SELECT subject, place AS first FROM ({{subject_earliest}})
WHERE (place.2, place.3, place.4) NOT IN (SELECT log_partition, log_offset, log_index FROM retractions)
UNION ALL
SELECT subject, min(start) AS first
FROM (
    SELECT subject, arrayJoin(groupArraySortedMerge(8)(starts)) AS start
    FROM subject_places
    WHERE (subject_hash, subject) IN (
        SELECT cityHash64(subject), subject FROM ({{subject_earliest}})
        WHERE (place.2, place.3, place.4) IN (SELECT log_partition, log_offset, log_index FROM retractions)
    )
    GROUP BY subject
)
WHERE (start.2, start.3, start.4) NOT IN (SELECT log_partition, log_offset, log_index FROM retractions)
GROUP BY subject
