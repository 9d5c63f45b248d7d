SELECT root, person_id, arrayFilter(pair -> pair.2 != '', arrayZip({refs:Array(String)}, [
    if(d0, 'true', ''),
    if(d1, 'true', '')])) AS pairs, flips_at
FROM (SELECT *,
    c0 AS d0,
    c1 AS d1
FROM (SELECT root, person_id,
    ifNull(person.net_amount >= {v0:Decimal(38, 4)}, 0) AS c0,
    reinterpretAsUInt64(reverse(substring(SHA256(concat({v1:String}, ':', person.person_id)), 1, 8))) < {v2:UInt64} AS c1,
    CAST(NULL, 'Nullable(DateTime64(6, \'UTC\'))') AS flips_at
FROM (people) AS person
WHERE present))
