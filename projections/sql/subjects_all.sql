-- Everybody who was ever named with others and was an event's first identifier, with the place in the log, the first
-- place first; a range of hashes. Of whom the first place was retracted all places are there that were not.
SELECT toUnixTimestamp64Milli(start.1) AS received_at, start.2 AS log_partition, start.3 AS log_offset, start.4 AS log_index,
       subject
FROM (
    SELECT subject, arrayJoin(if(
        (first.2, first.3, first.4) IN (SELECT log_partition, log_offset, log_index FROM retractions),
        finalizeAggregation(starts), [first]
    )) AS start
    FROM subject_places FINAL
    WHERE subject_hash BETWEEN {least:UInt64} AND {most:UInt64}
      -- By hash alone: whoever is here for another's hash is nobody's member.
      AND subject_hash IN (SELECT node_hash FROM sightings WHERE node_hash BETWEEN {least:UInt64} AND {most:UInt64})
)
WHERE (start.2, start.3, start.4) NOT IN (SELECT log_partition, log_offset, log_index FROM retractions)
ORDER BY received_at, log_partition, log_offset, log_index
