-- Of some candidates those whom their latest row finds, as they are kept.
SELECT *
FROM (
    SELECT root, person_id, present, members, traits, type_first, type_last, orders_count, net_amount, last_order_at
    FROM profiles
    WHERE root IN (
        SELECT root
        FROM (
            SELECT root, present AND {{searched}} AS found
            FROM profile_search
            WHERE person_id IN (SELECT name FROM names)
            ORDER BY version DESC
            LIMIT 1 BY person_id, root
        )
        WHERE found
    )
    ORDER BY version DESC
    LIMIT 1 BY root
)
WHERE present AND person_id IN (SELECT name FROM names)
ORDER BY person_id
