-- With how many people some values were seen at least: leaving out whatever a void or unlink was ever said of.
SELECT node, uniqExactIf(person, sure) AS least
FROM (
    SELECT node, arrayJoin(arrayFilter(id -> has({people_types:Array(String)}, substring(id, 1, position(id, ':') - 1)), ids)) AS person,
           first.1 <= {at:DateTime64(6, 'UTC')} AND first.5 <= {known:DateTime64(6, 'UTC')}
           AND (first.3, first.2) NOT IN (SELECT toString(source), target FROM voids WHERE target != '')
           AND (first.3, first.4) NOT IN (SELECT toString(source), target_batch FROM voids WHERE target_batch != '')
           AND (first.3, first.2) NOT IN (SELECT toString(source), event_id FROM retractions)
           AND (node, person) NOT IN (
               SELECT node, arrayJoin(ids) FROM sightings
               WHERE (node_hash, node) IN (SELECT cityHash64(name), name FROM names) AND kind = 'unlinked') AS sure
    FROM sightings
    WHERE (node_hash, node) IN (SELECT cityHash64(name), name FROM names) AND kind = 'seen'
)
GROUP BY node
