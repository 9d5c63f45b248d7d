-- A fact stands when it was known by then, its claim was not beaten by an earlier one, and nothing in effect voids it.
received_at <= {known:DateTime64(6, 'UTC')}
AND (source, event_id, log_partition, log_offset, log_index) NOT IN
    (SELECT source, event_id, log_partition, log_offset, log_index FROM retractions)
AND (source, event_id) NOT IN (SELECT source, target FROM ({{voids_in_effect}}) WHERE target != '')
AND (source, batch) NOT IN (SELECT source, target_batch FROM ({{voids_in_effect}}) WHERE target_batch != '')
