SELECT root, person_id, arrayMap(ref -> (ref, 'true'), arrayFilter((ref, holds) -> holds, {segments:Array(String)}, [
    c0,
    c1,
    c2])) AS pairs, flips_at
FROM (SELECT root, person_id,
    isNotNull(f0) AS c0,
    NOT (isNotNull(f1)) AS c1,
    length(f2) = 3 AS c2,
    arrayReduce('minOrNull', arrayFilter(edge -> edge > {at:DateTime64(6, 'UTC')}, arrayMap(time -> addSeconds(time, {v2:Int64}), [f0, f1, if(length(f2) = 3, fromUnixTimestamp64Micro(-f2[3], 'UTC'), NULL)]))) AS flips_at
FROM (people) AS person
LEFT JOIN (
SELECT root,
    maxOrNullIf(occurred_at, fv0 AND fv1) AS f0,
    maxOrNullIf(occurred_at, fv2 AND fv1) AS f1,
    groupArraySortedIf(3)(fv3, fv0 AND fv1) AS f2
FROM (SELECT *,
    type = {v0:String} AS fv0,
    occurred_at > {t1:DateTime64(6, 'UTC')} AS fv1,
    type = {v3:String} AS fv2,
    -toUnixTimestamp64Micro(assumeNotNull(occurred_at)) AS fv3
FROM (evaluated_facts))
GROUP BY root
) AS looks USING (root)
WHERE present)
