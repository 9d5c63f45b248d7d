SELECT root, person_id, arrayMap(ref -> (ref, 'true'), arrayFilter((ref, holds) -> holds, {segments:Array(String)}, [
    c0])) AS pairs, flips_at
FROM (SELECT root, person_id,
    ifNull(f0 >= {v2:Decimal(38, 4)}, 0) AS c0,
    arrayReduce('minOrNull', arrayFilter(edge -> edge > {at:DateTime64(6, 'UTC')}, arrayMap(time -> addSeconds(time, {v3:Int64}), [f1]))) AS flips_at
FROM (people) AS person
LEFT JOIN (
SELECT root,
    sumIf(arraySum(fv1), fv0 AND fv2) AS f0,
    minOrNullIf(occurred_at, fv0 AND fv2) AS f1
FROM (SELECT *,
    type = {v0:String} AS fv0,
    if(isNull(amount), [], [toDecimal256(assumeNotNull(amount), 20)]) AS fv1,
    occurred_at > {t1:DateTime64(6, 'UTC')} AS fv2
FROM (evaluated_facts))
GROUP BY root
) AS looks USING (root)
WHERE present)
