-- The voids that name an event, by its id or its batch, whether or not they are voided themselves.
SELECT DISTINCT event_id FROM ({{standing_voids}})
WHERE source = {source:String}
  AND (target = {event_id:String} OR ({batch:String} != '' AND target_batch = {batch:String}))
ORDER BY event_id LIMIT 20
