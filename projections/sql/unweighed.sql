-- Of some sightings those the resolver has not weighed, or not as of so early an event.
SELECT DISTINCT arrayJoin(seen.ids)
FROM seen
LEFT JOIN (
    SELECT sighting, argMax((occurred_at, event_id, toString(source)), version) AS moment, 1 AS known
    FROM weighed
    WHERE sighting IN (SELECT cityHash64(ids) FROM seen)
    GROUP BY sighting
) AS done ON cityHash64(seen.ids) = done.sighting
WHERE done.known = 0 OR (seen.occurred_at, seen.event_id, seen.source) < done.moment
