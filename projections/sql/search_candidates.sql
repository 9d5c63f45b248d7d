-- Whom some version of their row would have found, in the order of pages. A person may stand here more than once.
SELECT person_id
FROM profile_search
WHERE person_id > {after:String} AND present AND {{searched}}
ORDER BY person_id
LIMIT {limit:UInt32}
