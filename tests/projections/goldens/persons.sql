SELECT root, person_id, arrayMap(ref -> (ref, 'true'), arrayFilter((ref, holds) -> holds, {segments:Array(String)}, [
    c0,
    c1])) AS pairs, flips_at
FROM (SELECT root, person_id,
    ifNull(person.net_amount >= {v0:Decimal(38, 4)}, 0) AS c0,
    reinterpretAsUInt64(reverse(substring(SHA256(concat({v1:String}, ':', person.person_id)), 1, 8))) < {v2:UInt64} AS c1,
    CAST(NULL, 'Nullable(DateTime64(6, \'UTC\'))') AS flips_at
FROM (people) AS person
WHERE present)
