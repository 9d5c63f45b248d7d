-- The root now of some identifiers that were ever joined.
SELECT node, argMax(root, version)
FROM identities
WHERE (node_hash, node) IN (SELECT cityHash64(name), name FROM names)
GROUP BY node
