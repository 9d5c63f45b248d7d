-- The identifiers of events dated ahead whose time came.
SELECT DISTINCT arrayJoin(ids)
FROM sightings_ahead
WHERE at > {since:DateTime64(6, 'UTC')} AND at <= {until:DateTime64(6, 'UTC')}
