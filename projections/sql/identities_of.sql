-- Some identifiers and all members of their persons, each with its root now. (Also some who were members once: they
-- have another root.)
SELECT node, argMax(root, version) AS root
FROM identities
WHERE (node_hash, node) IN (
    SELECT cityHash64(node), node
    FROM members
    WHERE (root_hash, root) IN (
        SELECT cityHash64(argMax(root, version)), argMax(root, version)
        FROM identities
        WHERE (node_hash, node) IN (SELECT cityHash64(name), name FROM names)
        GROUP BY node
    )
    UNION ALL
    SELECT cityHash64(name), name FROM names
)
GROUP BY node
