-- The sightings whose earliest event does not stand.
SELECT sighting
FROM firsts
WHERE NOT ({{standing}})
