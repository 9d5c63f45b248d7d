-- The dossiers of some persons, from their facts. A fact counts for the person of its subject (else for its thing's
-- owner); an order's or ticket's facts are folded as one for the owner, whoever's identifiers they carry.
WITH
    met AS (
        SELECT
            root, type, channel, campaign, scale,
            {{interaction}} AS is_interaction,
            count() AS times, min(occurred_at) AS first_at, max(occurred_at) AS last_at,
            min(pos) AS first_pos, max(pos) AS last_pos,
            sum(toDecimal128(number, 4)) AS number_sum,
            sum(toDecimal128(least(number, 0), 4)) AS negative_sum,
            argMax(number, pos) AS last_number,
            groupArray(toUnixTimestamp64Micro(occurred_at)) AS moments,
            groupArrayIf((assumeNotNull(expires_at), toDecimal128(number, 4)),
                         type = 'points.earned' AND expires_at IS NOT NULL) AS lots,
            argMaxIf((item, expires_at), pos, type = 'tier.changed') AS tier,
            groupArrayIf((pos, said), type = 'customer.identified') AS identified,
            groupArrayIf((item, pos, said), type = 'consent.changed') AS consented
        FROM (
            SELECT fact.*, if(fact.subject = '', owner_key.root, own_key.root) AS root,
                   if(type = 'feedback.rated', item, '') AS scale
            FROM ({{keyed_facts}}) AS fact
            LEFT JOIN keys AS owner_key ON fact.key = owner_key.key
            LEFT JOIN keys AS own_key ON fact.subject = own_key.key
        )
        WHERE root != ''
        GROUP BY root, type, channel, campaign, scale
    ),
    lived AS (
        SELECT
            root,
            sumMap(map(toString(type), times)) AS type_counts,
            minMap(map(toString(type), first_at)) AS type_first,
            maxMap(map(toString(type), last_at)) AS type_last,
            sumMapIf(map(toString(channel), times), channel != '' AND is_interaction) AS by_channel,
            sumMapIf(map(toString(campaign), times), campaign != '' AND is_interaction) AS by_campaign,
            minIf(concat(first_pos, '\0', type, '\0', channel, '\0', campaign), is_interaction) AS first_touch,
            maxIf(concat(last_pos, '\0', type, '\0', channel, '\0', campaign), is_interaction) AS last_touch,
            arraySort(groupArrayArrayIf(met.moments, is_interaction)) AS moments,
            sumIf(number_sum, scale = 'csat') AS csat_sum,
            sumIf(times, scale = 'csat') AS csat_count,
            sumIf(number_sum, scale = 'stars') AS stars_sum,
            sumIf(times, scale = 'stars') AS stars_count,
            sumIf(times, scale = 'nps') AS nps_count,
            argMaxIf(toNullable(toInt16(last_number)), last_pos, scale = 'nps') AS nps_last,
            sumIf(number_sum, startsWith(type, 'points.')) AS points,
            -sum(negative_sum) AS points_spent,
            arraySort(groupArrayArray(met.lots)) AS lots,
            argMaxIf(met.tier, last_pos, type = 'tier.changed') AS tier,
            maxMapArray(arrayFlatten(arrayMap(said -> arrayMap(
                trait -> map(trait.1, ({{trust}}, said.1, trait.2)),
                JSONExtractKeysAndValuesRaw(said.2, 'traits')), identified))) AS traits,
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
                   {{order_measures}},
                   {{order_details}}
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
            arraySort(groupUniqArrayArrayIf(bought.1, counted)) AS categories,
            arraySort(groupUniqArrayArrayIf(bought.2, counted)) AS brands,
            countIf(counted AND bought.3 > 0) AS orders_with_lines,
            sumIf(toUInt64(bought.3), counted) AS line_count,
            sumIf(bought.4, counted) AS units,
            sumIf(net, valued AND (order_discount > 0 OR order_coupon != '')) AS discounted_amount,
            arraySort(groupArrayIf((settled_at, order_channel), counted)) AS settled_orders,
            arraySort(groupArrayArrayIf(arrayMap(category -> (settled_at, category), bought.1), counted)) AS settled_categories,
            countIf(NOT is_order) AS tickets,
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
       csat_sum, csat_count, nps_last, open_tickets, points, lived.tier.1 AS tier,
       mapApply((key, said) -> (key, (said.2, said.3)), lived.traits) AS traits, consent,
       brands, orders_with_lines, line_count, units, discounted_amount,
       {{preferences}},
       by_campaign, first_touch, last_touch,
       notEmpty(moments) + arrayCount(gap -> gap > 1800000000, arrayDifference(moments)) AS sessions, stars_sum, stars_count, nps_count, tickets,
       lived.tier.2 AS tier_until,
       arrayFilter(lot -> lot.2 > 0, arrayMap(
           (lot, sum) -> (lot.1, least(lot.2, greatest(sum - points_spent, toDecimal128(0, 4)))),
           lots, arrayCumSum(lots.2))) AS expiring,
       {{favourite_category}}
FROM persons
LEFT JOIN lived USING (root)
LEFT JOIN owned USING (root)
