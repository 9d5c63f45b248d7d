-- Everybody who was ever joined, and the root now; a range of hashes.
SELECT node, argMax(root, version)
FROM identities
WHERE node_hash BETWEEN {least:UInt64} AND {most:UInt64}
GROUP BY node
