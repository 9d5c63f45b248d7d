SELECT root, person_id, arrayMap(ref -> (ref, 'true'), arrayFilter((ref, holds) -> holds, {segments:Array(String)}, [
    c0])) AS pairs, flips_at
FROM (SELECT root, person_id,
    ifNull(o0 >= {v3:Decimal(38, 4)}, 0) AS c0,
    arrayReduce('minOrNull', arrayFilter(edge -> edge > {at:DateTime64(6, 'UTC')}, [
    if(o1 > 0, {t4:DateTime64(6, 'UTC')}, NULL)])) AS flips_at
FROM (people) AS person
LEFT JOIN (
SELECT root,
    sumIf(arraySum(ov0), currency = {currency:String} AND arrayExists(x -> x = {v0:String}, categories) AND ov1 AND ov2) AS o0,
    countIf(currency = {currency:String} AND arrayExists(x -> x = {v0:String}, categories) AND ov1) AS o1
FROM (SELECT *,
    [toDecimal256(net, 20)] AS ov0,
    counted_at >= {t1:DateTime64(6, 'UTC')} AS ov1,
    counted_at < {t2:DateTime64(6, 'UTC')} AS ov2
FROM (evaluated_orders))
GROUP BY root
) AS bought USING (root)
WHERE present)
