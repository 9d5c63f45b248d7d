SELECT root, person_id, arrayFilter(pair -> pair.2 != '', arrayZip({refs:Array(String)}, [
    if(d0, 'true', ''),
    if(d1, 'true', ''),
    if(d2, 'true', '')])) AS pairs, flips_at
FROM (SELECT *,
    c0 AS d0,
    c1 AS d1,
    c2 AS d2
FROM (SELECT root, person_id,
    isNotNull(f0) AS c0,
    NOT (isNotNull(f1)) AS c1,
    length(f2) = 3 AS c2,
    arrayReduce('minOrNull', arrayFilter(edge -> edge > {at:DateTime64(6, 'UTC')}, [
    addSeconds(f0, {v2:Int64}),
    addSeconds(f1, {v2:Int64}),
    if(length(f2) = 3, addSeconds(fromUnixTimestamp64Micro(-f2[3], 'UTC'), {v2:Int64}), NULL)])) AS flips_at
FROM (people) AS person
LEFT JOIN (
SELECT root,
    maxOrNullIf(occurred_at, fv0 AND fv1) AS f0,
    maxOrNullIf(occurred_at, fv2 AND fv1) AS f1,
    groupArraySortedIf(3)(-toUnixTimestamp64Micro(assumeNotNull(occurred_at)), fv0 AND fv1) AS f2
FROM (SELECT *,
    type = {v0:String} AS fv0,
    occurred_at > {t1:DateTime64(6, 'UTC')} AS fv1,
    type = {v3:String} AS fv2
FROM (evaluated_facts))
GROUP BY root
) AS looks USING (root)
WHERE present))
