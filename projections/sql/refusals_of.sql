-- The refused pairs some identifiers are in.
SELECT node, other, toString(argMax(rule, version)), argMax(occurred_at, version), argMax(event_id, version),
       toString(argMax(source, version))
FROM refusals
WHERE (node_hash, node) IN (SELECT cityHash64(name), name FROM names)
GROUP BY node, other
HAVING argMax(refused, version) = 1 AND ({rule:String} = '' OR argMax(toString(refusals.rule), version) = {rule:String})
