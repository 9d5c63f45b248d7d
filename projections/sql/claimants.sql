-- Everybody who was ever seen with some things: whom a change of the thing may concern.
SELECT DISTINCT subject, thing
FROM thing_claims
WHERE (thing_hash, thing) IN (SELECT cityHash64(name), name FROM names)
