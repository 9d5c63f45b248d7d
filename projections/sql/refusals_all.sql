-- Pairs that are or once were refused; a range of hashes.
SELECT DISTINCT node, other
FROM refusals
WHERE node_hash BETWEEN {least:UInt64} AND {most:UInt64}
