-- All that was ever named together, each distinct set once, oldest first, with the earliest event that says so and
-- whether that event counts at the moment: those whose first identifier lies in a range of hashes.
-- `materialize`: FINAL takes the least `first` only of whole tuples; of a part of one that is read alone, any row's.
SELECT sighting, kind, ids, occurred_at, event_id, source, occurred_at <= {at:DateTime64(6, 'UTC')} AND {{standing}} AS stands
FROM (
    SELECT sighting, kind, ids, materialize(first) AS place,
           place.1 AS occurred_at, place.2 AS event_id, toLowCardinality(place.3) AS source, place.4 AS batch,
           place.5 AS received_at, place.6 AS log_partition, place.7 AS log_offset, place.8 AS log_index
    FROM sightings FINAL
    WHERE node = ids[1] AND node_hash BETWEEN {least:UInt64} AND {most:UInt64}
)
ORDER BY occurred_at, event_id, source
