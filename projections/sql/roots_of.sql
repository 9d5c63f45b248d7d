-- The root now of some identifiers that were ever joined; and where each stands first in the log as a subject.
SELECT identity.node, identity.root, place.first.1, place.first.2, place.first.3, place.first.4
FROM (
    SELECT node, argMax(root, version) AS root
    FROM identities
    WHERE (node_hash, node) IN (SELECT cityHash64(name), name FROM names)
    GROUP BY node
) AS identity
LEFT JOIN (
    SELECT subject, min(first) AS first
    FROM subjects
    WHERE (subject_hash, subject) IN (SELECT cityHash64(name), name FROM names)
    GROUP BY subject
) AS place ON identity.node = place.subject
