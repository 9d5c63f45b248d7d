-- With how many people some values were seen at most: whatever was voided, retracted or unlinked, or came later.
SELECT node, uniqExact(arrayJoin(arrayFilter(
    id -> has({people_types:Array(String)}, substring(id, 1, position(id, ':') - 1)), ids))) AS most
FROM sightings
WHERE (node_hash, node) IN (SELECT cityHash64(name), name FROM names) AND kind = 'seen'
GROUP BY node
