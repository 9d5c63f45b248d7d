-- A person's facts, newest first: those of its subjects, and those without a customer about what it owns.
SELECT toString(source) AS source, event_id, toString(type) AS type, occurred_at, received_at,
       toString(channel) AS channel, store, data
FROM ({{keyed_facts}})
WHERE (subject IN (SELECT key FROM keys WHERE own = 1) OR (subject = '' AND key IN (SELECT key FROM keys WHERE root != '')))
  AND ({type:String} = '' OR type = {type:String}
       OR (endsWith({type:String}, '.*') AND startsWith(type, substring({type:String}, 1, length({type:String}) - 1))))
  AND occurred_at >= {from:DateTime64(6, 'UTC')} AND occurred_at < {to:DateTime64(6, 'UTC')}
  AND (occurred_at, event_id, source) < ({before_at:DateTime64(6, 'UTC')}, {before_id:String}, {before_source:String})
ORDER BY occurred_at DESC, event_id DESC, source DESC
LIMIT {limit:UInt32}
