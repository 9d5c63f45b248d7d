-- Where everybody who was ever named with others first stands in the log as an event's first; a range of hashes.
SELECT subject, toUnixTimestamp64Milli(min(start).1), min(start).2, min(start).3, min(start).4
FROM (
    SELECT subject, arrayJoin(groupArraySortedMerge(8)(starts)) AS start
    FROM subject_starts
    WHERE subject_hash BETWEEN {least:UInt64} AND {most:UInt64}
      AND (subject_hash, subject) IN (
          SELECT node_hash, node FROM sightings WHERE node_hash BETWEEN {least:UInt64} AND {most:UInt64}
      )
    GROUP BY subject
)
WHERE (start.2, start.3, start.4) NOT IN (SELECT log_partition, log_offset, log_index FROM retractions)
GROUP BY subject
