-- The earliest event that stands of some sightings; those without any are missing.
SELECT sighting, min((occurred_at, event_id, toString(source))) AS moment
FROM sighting_events
WHERE sighting IN (SELECT sighting FROM fallen)
  AND occurred_at <= {at:DateTime64(6, 'UTC')}
  AND {{standing}}
GROUP BY sighting
