-- One pass over the facts of some persons: their dossiers. A fact counts for the person of its subject (else its
-- thing's owner); an order's or ticket's facts are folded as one for the owner, whoever's identifiers they carry.
WITH
    {{keys}},
    parts AS (
        SELECT
            part.1 AS root,
            part.2 AS group_key,
            sumMap(map(own_type, toUInt64(1))) AS type_counts,
            minMap(map(own_type, occurred_at)) AS type_first,
            maxMap(map(own_type, occurred_at)) AS type_last,
            sumMapIf(map(toString(channel), toUInt64(1)), channel != '' AND {{interaction}}) AS by_channel,
            sumIf(toDecimal128(number, 4), item = 'csat' AND own_type = 'feedback.rated') AS csat_sum,
            countIf(item = 'csat' AND own_type = 'feedback.rated') AS csat_count,
            argMaxIf(toNullable(toInt16(number)), pos, item = 'nps' AND own_type = 'feedback.rated') AS nps_last,
            sumIf(toDecimal128(number, 4), startsWith(own_type, 'points.')) AS points,
            argMaxIf(item, pos, own_type = 'tier.changed') AS tier,
            maxMapIf(CAST((JSONExtractKeysAndValuesRaw(data, 'traits').1,
                           arrayMap(value -> (pos, value), JSONExtractKeysAndValuesRaw(data, 'traits').2)),
                          'Map(String, Tuple(Tuple(DateTime64(6, \'UTC\'), String, String), String))'),
                     own_type = 'customer.identified') AS traits,
            maxMapIf(map(item, (pos, data)), own_type = 'consent.changed') AS consent,
            argMaxIf(type, pos, type IN ('ticket.opened', 'ticket.resolved', 'ticket.reopened')) AS ticket_state,
            {{order_measures}}
        FROM (
            SELECT
                fact.*,
                owner_key.root AS owner_root,
                arrayJoin(arrayFilter(part -> part.1 != '', [
                    (if(fact.subject = '', owner_root, own_key.root), ''),
                    (if(startsWith(thing, 'order:') OR startsWith(thing, 'ticket:'), owner_root, ''), thing)
                ])) AS part,
                if(part.2 = '', toString(type), '') AS own_type
            FROM ({{keyed_facts}}) AS fact
            LEFT JOIN keys AS owner_key ON fact.key = owner_key.key
            LEFT JOIN keys AS own_key ON fact.subject = own_key.key
        )
        GROUP BY part
    ),
    things AS (
        SELECT *, group_key != '' AND startsWith(group_key, 'order:') AS is_order, {{order_state}},
               is_order AND counts AS counted, counted AND order_currency = {currency:String} AS valued
        FROM parts
    ),
    folded AS (
        SELECT
            root,
            anyIf(things.type_counts, group_key = '') AS type_counts,
            anyIf(things.type_first, group_key = '') AS type_first,
            anyIf(things.type_last, group_key = '') AS type_last,
            anyIf(things.by_channel, group_key = '') AS by_channel,
            countIf(counted) AS orders_count,
            countIf(valued) AS orders_valued,
            sumIf(net, valued) AS net_amount,
            sumMapIf(map(toString(order_currency), toUInt64(1)), counted) AS count_by_currency,
            sumMapIf(map(toString(order_currency), net), counted) AS net_by_currency,
            minOrNullIf(settled_at, counted) AS first_order_at,
            maxOrNullIf(settled_at, counted) AS last_order_at,
            sumIf(refunded, is_order AND order_currency = {currency:String}) AS refunded_amount,
            sumIf(length(refunds), is_order) AS refund_count,
            arrayFilter(category -> category != '', arraySort(groupUniqArrayArrayIf(
                JSONExtract(order_lines, 'Array(Tuple(category String))').1, counted))) AS categories,
            sum(things.csat_sum) AS csat_sum,
            sum(things.csat_count) AS csat_count,
            any(things.nps_last) AS nps_last,
            countIf(startsWith(group_key, 'ticket:') AND ticket_state != 'ticket.resolved') AS open_tickets,
            sum(things.points) AS points,
            max(things.tier) AS tier,
            anyIf(things.traits, group_key = '') AS traits,
            anyIf(things.consent, group_key = '') AS consent
        FROM things
        GROUP BY root
    ),
    persons AS (
        SELECT root, any(keys.person_id) AS person_id, max(keys.version) AS version, arraySort(groupArray(key)) AS members
        FROM keys
        WHERE own = 1
        GROUP BY root
    )
SELECT root, person_id, version, members, length(type_counts) > 0 AS present, {at:DateTime64(6, 'UTC')} AS as_of,
       type_counts, type_first, type_last, by_channel, orders_count, orders_valued, net_amount,
       count_by_currency, net_by_currency, first_order_at, last_order_at, refunded_amount, refund_count, categories,
       csat_sum, csat_count, nps_last, open_tickets, points, tier,
       CAST(traits, 'Map(String, Tuple(pos Tuple(at DateTime64(6, \'UTC\'), event_id String, source String), value String))') AS traits,
       CAST(consent, 'Map(String, Tuple(pos Tuple(at DateTime64(6, \'UTC\'), event_id String, source String), value String))') AS consent
FROM persons
LEFT JOIN folded USING (root)
