-- What to fold, as JSON: [key, root, person_id, version, own]. A subject's root is its person's; a thing's is its
-- owner's, or '' when the owner is nobody asked about. `own` is 1 for subjects.
keys AS (
    SELECT row.1 AS key, row.2 AS root, row.3 AS person_id, row.4 AS version, row.5 AS own
    FROM (SELECT arrayJoin(JSONExtract({keys:String}, 'Array(Tuple(String, String, String, UInt64, UInt8))')) AS row)
)
