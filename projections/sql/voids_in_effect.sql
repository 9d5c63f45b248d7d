-- A void may itself be voided by one that is later in (occurred_at, event_id): from the latest to the earliest, a void
-- is lifted when one still in effect names it. Only voids entangled with other voids are walked; the rest all hold.
SELECT source, target, target_batch
FROM ({{standing_voids}})
WHERE (source, event_id) NOT IN (
    SELECT source, arrayJoin(arrayFold(
        (acc, void) -> if(
            has(acc.1, void.2) OR has(acc.2, void.5),
            (acc.1, acc.2, arrayPushBack(acc.3, void.2)),
            (if(void.3 = '', acc.1, arrayPushBack(acc.1, void.3)), if(void.4 = '', acc.2, arrayPushBack(acc.2, void.4)), acc.3)
        ),
        arrayReverseSort(groupArray((occurred_at, event_id, target, target_batch, batch))),
        (emptyArrayString(), emptyArrayString(), emptyArrayString())
    ).3)
    FROM ({{standing_voids}})
    WHERE (source, event_id) IN (SELECT source, target FROM voids)
       OR (source, target) IN (SELECT source, event_id FROM voids)
       OR (source, batch) IN (SELECT source, target_batch FROM voids WHERE target_batch != '')
       OR (source, target_batch) IN (SELECT source, batch FROM voids WHERE batch != '')
    GROUP BY source
)
