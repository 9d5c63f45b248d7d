SELECT root, person_id, arrayMap(ref -> (ref, 'true'), arrayFilter((ref, holds) -> holds, {segments:Array(String)}, [
    c0,
    c1])) AS pairs, flips_at
FROM (SELECT root, person_id,
    f0 > 0 AS c0,
    f1 > 0 AS c1,
    CAST(NULL, 'Nullable(DateTime64(6, \'UTC\'))') AS flips_at
FROM (people) AS person
LEFT JOIN (
SELECT root,
    countIf(fv1 AND fv0) AS f0,
    countIf(fv2 AND fv4) AS f1
FROM (SELECT *,
    arrayExists(x -> x = {v0:String}, categories) AS fv0,
    type = {v1:String} AS fv1,
    type = {v4:String} AS fv2,
    if(fv2, extractAll(JSONExtractRaw(data, {v2:String}), {v3:String}), []) AS fv3,
    arrayExists(x -> ifNull(toDecimal256OrNull(x, 30) >= {v6:Decimal(76, 30)}, toFloat64OrZero(x) >= {v5:Float64}), arrayMap(raw -> replaceAll(raw, '"', ''), arrayFilter(raw -> match(raw, '^(-?[0-9].*|"-?[0-9]+([.][0-9]+)?")$'), fv3))) AS fv4
FROM (evaluated_facts))
GROUP BY root
) AS looks USING (root)
WHERE present)
