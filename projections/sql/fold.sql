-- The dossiers of some persons, from their facts. A fact counts for the person of its subject (else for its thing's
-- owner); an order's or ticket's facts are folded as one for the owner, whoever's identifiers they carry.
WITH
    met AS (
        SELECT
            root, type, channel,
            count() AS times, min(occurred_at) AS first_at, max(occurred_at) AS last_at,
            sumIf(toDecimal128(number, 4), item = 'csat' AND type = 'feedback.rated') AS csat_sum,
            countIf(item = 'csat' AND type = 'feedback.rated') AS csat_count,
            maxIf(pos, item = 'nps' AND type = 'feedback.rated') AS nps_pos,
            argMaxIf(toInt16(number), pos, item = 'nps' AND type = 'feedback.rated') AS nps,
            sumIf(toDecimal128(number, 4), startsWith(type, 'points.')) AS points,
            maxIf(pos, type = 'tier.changed') AS tier_pos,
            argMaxIf(item, pos, type = 'tier.changed') AS tier,
            groupArrayIf((pos, said), type = 'customer.identified') AS identified,
            groupArrayIf((item, pos, said), type = 'consent.changed') AS consented
        FROM (
            SELECT fact.*, if(fact.subject = '', owner_key.root, own_key.root) AS root
            FROM ({{keyed_facts}}) AS fact
            LEFT JOIN keys AS owner_key ON fact.key = owner_key.key
            LEFT JOIN keys AS own_key ON fact.subject = own_key.key
        )
        WHERE root != ''
        GROUP BY root, type, channel
    ),
    lived AS (
        SELECT
            root,
            sumMap(map(toString(type), times)) AS type_counts,
            minMap(map(toString(type), first_at)) AS type_first,
            maxMap(map(toString(type), last_at)) AS type_last,
            sumMapIf(map(toString(channel), times), channel != '' AND {{interaction}}) AS by_channel,
            sum(met.csat_sum) AS csat_sum,
            sum(met.csat_count) AS csat_count,
            argMaxIf(toNullable(nps), nps_pos, nps_pos != '') AS nps_last,
            sum(met.points) AS points,
            argMax(met.tier, tier_pos) AS tier,
            maxMapArray(arrayFlatten(arrayMap(said -> arrayMap(
                trait -> map(trait.1, (said.1, trait.2)), JSONExtractKeysAndValuesRaw(said.2, 'traits')), identified))) AS traits,
            maxMapArray(arrayMap(said -> map(said.1, (said.2, said.3)), consented)) AS consent
        FROM met
        GROUP BY root
    ),
    things AS (
        SELECT *, {{order_state}},
               startsWith(key, 'order:') AS is_order, is_order AND counts AS counted,
               counted AND order_currency = {currency:String} AS valued
        FROM (
            SELECT any(owner_key.root) AS root, fact.key AS key,
                   argMaxIf(toString(type), pos, type IN ('ticket.opened', 'ticket.resolved', 'ticket.reopened')) AS ticket_state,
                   {{order_measures}}
            FROM ({{keyed_facts}}) AS fact
            INNER JOIN keys AS owner_key ON fact.key = owner_key.key
            WHERE owner_key.own = 0 AND owner_key.root != '' AND NOT startsWith(fact.key, 'message:')
            GROUP BY fact.key
        )
    ),
    owned AS (
        SELECT
            root,
            countIf(counted) AS orders_count,
            countIf(valued) AS orders_valued,
            sumIf(net, valued) AS net_amount,
            sumMapIf(map(order_currency, toUInt64(1)), counted) AS count_by_currency,
            sumMapIf(map(order_currency, net), counted) AS net_by_currency,
            minOrNullIf(settled_at, counted) AS first_order_at,
            maxOrNullIf(settled_at, counted) AS last_order_at,
            sumIf(refunded, is_order AND order_currency = {currency:String}) AS refunded_amount,
            sumIf(length(refunds), is_order) AS refund_count,
            arraySort(groupUniqArrayArrayIf(order_categories, counted)) AS categories,
            countIf(NOT is_order AND ticket_state != 'ticket.resolved') AS open_tickets
        FROM things
        GROUP BY root
    ),
    persons AS (
        SELECT root, any(keys.person_id) AS person_id, max(keys.version) AS version, arraySort(groupArray(key)) AS members
        FROM keys
        WHERE own = 1
        GROUP BY root
    )
SELECT root, person_id, version, members, notEmpty(type_counts) AS present, {at:DateTime64(6, 'UTC')} AS as_of,
       type_counts, type_first, type_last, by_channel, orders_count, orders_valued, net_amount,
       count_by_currency, net_by_currency, first_order_at, last_order_at, refunded_amount, refund_count, categories,
       csat_sum, csat_count, nps_last, open_tickets, points, tier,
       traits, consent
FROM persons
LEFT JOIN lived USING (root)
LEFT JOIN owned USING (root)
