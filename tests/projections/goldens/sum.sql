SELECT root, person_id, arrayFilter(pair -> pair.2 != '', arrayZip({refs:Array(String)}, [
    if(d0, 'true', '')])) AS pairs, flips_at
FROM (SELECT *,
    c0 AS d0
FROM (SELECT root, person_id,
    ifNull(f0 >= {v2:Decimal(38, 4)}, 0) AS c0,
    arrayReduce('minOrNull', arrayFilter(edge -> edge > {at:DateTime64(6, 'UTC')}, [
    addSeconds(f1, {v3:Int64})])) AS flips_at
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
WHERE present))
