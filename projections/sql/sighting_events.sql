-- The events behind some sightings, the earliest first, at most so many of each; and how many there are.
SELECT sighting, count() AS times,
       arraySlice(arraySort(groupArray((occurred_at, event_id, toString(source), received_at))), 1, {most:UInt32}) AS some
FROM (
    SELECT sighting, occurred_at, event_id, source, received_at
    FROM sighting_events
    WHERE sighting IN (SELECT sighting FROM asked)
      AND occurred_at <= {at:DateTime64(6, 'UTC')}
      AND {{standing}}
    LIMIT 1 BY source, event_id
)
GROUP BY sighting
