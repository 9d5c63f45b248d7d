-- What breaks ties the same way everywhere: (occurred_at, event_id, source) as one string, which compares much faster
-- than a tuple. The time is its first 26 characters.
concat(toString(occurred_at), event_id, '\0', source)
