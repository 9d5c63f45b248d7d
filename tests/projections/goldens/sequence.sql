SELECT root, person_id, arrayMap(ref -> (ref, 'true'), arrayFilter((ref, holds) -> holds, {segments:Array(String)}, [
    c0])) AS pairs, flips_at
FROM (SELECT root, person_id,
    has(arrayMap(ended -> arrayMap((is, micros, rank, barrier, values) -> is AND arrayExists((place, time, others) -> place < rank AND hasAny(others, values) AND place >= barrier AND micros - time <= {v8:Int64}, ended.1, ended.2, ended.3), f0.5, f0.1, arrayEnumerateDense(f0.1, f0.2), arrayFill((place, gap) -> gap != 0, arrayPopBack(arrayFill((place, is) -> is, arrayPushFront(arrayZip(arrayEnumerateDense(f0.1, f0.2), f0.1), (0, -4611686018427387904)), arrayPushFront(f0.6, 1))), arrayDifference(arrayEnumerateDense(f0.1, f0.2))).1, f0.7), [arrayFilter((end, is) -> is, arrayZip(arrayEnumerateDense(f0.1, f0.2), f0.1, f0.7), f0.4)])[1], 1) AS c0,
    arrayReduce('minOrNull', arrayFilter(edge -> edge > {at:DateTime64(6, 'UTC')}, [
    if(c0, addSeconds(f1, {v7:Int64}), NULL)])) AS flips_at
FROM (people) AS person
LEFT JOIN (
SELECT root,
    arraySort(groupArrayIf((toUnixTimestamp64Micro(occurred_at), event_id, toString(source), toUInt8(fv0), toUInt8(fv1), toUInt8(fv3), fv4), (fv2 OR fv3) AND fv5)) AS f0,
    minOrNullIf(occurred_at, fv2 AND fv5) AS f1
FROM (SELECT *,
    type = {v0:String} AS fv0,
    type = {v1:String} AS fv1,
    (fv0) OR (fv1) AS fv2,
    type = {v2:String} AS fv3,
    if((fv0) OR (fv1), arrayMap(value -> sipHash64(value), arrayConcat(extractAll(JSONExtractRaw(data, {v3:String}), {v4:String}), extractAll(arrayStringConcat(arrayMap(part -> JSONExtractRaw(part, {v3:String}), extractAll(JSONExtractRaw(data, {v5:String}), {v4:String})), ' '), {v4:String}))), []) AS fv4,
    occurred_at > {t6:DateTime64(6, 'UTC')} AS fv5
FROM (evaluated_facts))
GROUP BY root
) AS looks USING (root)
WHERE present)
