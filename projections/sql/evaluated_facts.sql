-- The standing facts of some persons, each once, with the root they count for, as fold.sql has them: those of the asked
-- types only. `custom` asks for all of custom.*, which no list can name.
SELECT fact.*, if(fact.subject = '', owner_key.root, own_key.root) AS root
FROM (
    SELECT key, subject, source, event_id, type, channel, store, occurred_at, amount, item, number, categories, brands,
           data, context, {{pos}} AS pos
    FROM events
    WHERE (key_hash, key) IN (SELECT cityHash64(key), key FROM keys)
      AND (type IN {event_types:Array(String)} OR {custom:Bool} AND startsWith(type, 'custom.'))
      AND occurred_at <= {at:DateTime64(6, 'UTC')}
      AND received_at <= {known:DateTime64(6, 'UTC')}
      AND (toString(source), event_id, log_partition, log_offset, log_index) NOT IN (SELECT * FROM excluded)
    LIMIT 1 BY source, event_id
) AS fact
LEFT JOIN keys AS owner_key ON fact.key = owner_key.key
LEFT JOIN keys AS own_key ON fact.subject = own_key.key
WHERE root != ''
