SELECT root, person_id, arrayMap(ref -> (ref, 'true'), arrayFilter((ref, holds) -> holds, {segments:Array(String)}, [
    c0,
    c1,
    c2])) AS pairs, flips_at
FROM (SELECT root, person_id,
    f0 AS c0,
    countEqual(arrayEnumerateUniq(f1), {v5:UInt64}) >= {v6:UInt64} AS c1,
    (isNotNull(f3) AND NOT (isNotNull(f5))) AS c2,
    arrayReduce('minOrNull', arrayFilter(edge -> edge > {at:DateTime64(6, 'UTC')}, arrayMap(time -> addSeconds(time, {v10:Int64}), [f3]) || arrayMap(time -> addSeconds(time, {v11:Int64}), [if(isNull(f3), f4, NULL), f5]) || [
    if(length(f1) < {v5:UInt64} * {v6:UInt64}, NULL, addMicroseconds({at:DateTime64(6, 'UTC')}, f2))])) AS flips_at
FROM (people) AS person
LEFT JOIN (
SELECT root,
    argMinIf(toUInt8(fv1), pos, fv0) AS f0,
    groupArrayIf(intDiv((toUnixTimestamp64Micro({at:DateTime64(6, 'UTC')}) - toUnixTimestamp64Micro(occurred_at)), {v3:Int64}), fv2 AND fv3) AS f1,
    minOrNullIf({v3:Int64} - (toUnixTimestamp64Micro({at:DateTime64(6, 'UTC')}) - toUnixTimestamp64Micro(occurred_at)) % {v3:Int64}, fv2 AND fv3) AS f2,
    maxOrNullIf(occurred_at, fv2 AND fv4 AND fv5) AS f3,
    minOrNullIf(occurred_at, fv2 AND fv6) AS f4,
    maxOrNullIf(occurred_at, fv2 AND fv6) AS f5
FROM (SELECT *,
    startsWith(type, {v0:String}) AS fv0,
    ifNull(nullIf(toString(channel), '') = {v1:String}, 0) AS fv1,
    type = {v2:String} AS fv2,
    occurred_at > {t4:DateTime64(6, 'UTC')} AS fv3,
    occurred_at > {t8:DateTime64(6, 'UTC')} AS fv4,
    occurred_at <= {t9:DateTime64(6, 'UTC')} AS fv5,
    occurred_at > {t9:DateTime64(6, 'UTC')} AS fv6
FROM (evaluated_facts))
GROUP BY root
) AS looks USING (root)
WHERE present)
