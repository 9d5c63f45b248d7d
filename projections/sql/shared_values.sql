-- The values too many people were seen with, by how many identifiers are kept apart for it.
SELECT node, uniqExact(other) AS apart, min(occurred_at) AS first_at, max(occurred_at) AS last_at
FROM refusals FINAL
WHERE refused = 1 AND rule = 'shared_value' AND substring(node, 1, position(node, ':') - 1) IN {types:Array(String)}
  AND node > {after:String}
GROUP BY node
ORDER BY node
LIMIT {limit:UInt32}
