-- The things some subjects were ever seen with.
SELECT subject, thing
FROM subject_things
WHERE (subject_hash, subject) IN (
    SELECT cityHash64(subject), subject FROM (SELECT arrayJoin(JSONExtract({subjects:String}, 'Array(String)')) AS subject))
GROUP BY subject, thing
