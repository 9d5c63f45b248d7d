-- Refused pairs, the latest first, each once: under the identifier that comes first.
SELECT node, other, rule, occurred_at, event_id, source
FROM (
    SELECT node, other, toString(rule) AS rule, occurred_at, event_id, toString(source) AS source
    FROM refusals FINAL
    WHERE refused = 1 AND ({rule:String} = '' OR rule = {rule:String})
      AND ({identifier:String} = '' OR node_hash = cityHash64({identifier:String}) AND node = {identifier:String})
      AND ({identifier:String} != '' OR node < other)
)
WHERE (occurred_at, event_id, node, other) < ({before_at:DateTime64(6, 'UTC')}, {before_id:String}, {before_node:String}, {before_other:String})
ORDER BY occurred_at DESC, event_id DESC, node DESC, other DESC
LIMIT {limit:UInt32}
