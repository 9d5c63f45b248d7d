SELECT root, person_id, arrayMap(ref -> (ref, 'true'), arrayFilter((ref, holds) -> holds, {segments:Array(String)}, [
    (arrayExists(x -> x = {v6:String}, arrayMap(raw -> JSONExtractString(raw), arrayFilter(raw -> startsWith(raw, '"'), if(isNull(nullIf(d1, '')), [], [assumeNotNull(nullIf(d1, ''))])))) AND d0),
    d0])) || arrayFilter(pair -> pair.2 != '', arrayZip({tags:Array(String)}, [
    d1])) AS pairs, flips_at
FROM (SELECT *,
    c0 AS d0,
    multiIf(c1, {v4:String}, NOT c1, {v5:String}, '') AS d1
FROM (SELECT root, person_id,
    assigned[{v0:String}] != '' AS c0,
    isNotNull(f0) AS c1,
    arrayReduce('minOrNull', arrayFilter(edge -> edge > {at:DateTime64(6, 'UTC')}, arrayMap(time -> addSeconds(time, {v3:Int64}), [f0]) || [
    assigned_until])) AS flips_at
FROM (people) AS person
LEFT JOIN (
SELECT root,
    maxOrNullIf(occurred_at, fv0 AND fv1) AS f0
FROM (SELECT *,
    type = {v1:String} AS fv0,
    occurred_at > {t2:DateTime64(6, 'UTC')} AS fv1
FROM (evaluated_facts))
GROUP BY root
) AS looks USING (root)
LEFT JOIN (evaluated_assigned) AS by_hand USING (root)
WHERE present))
