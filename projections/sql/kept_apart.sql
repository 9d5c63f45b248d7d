-- Addresses that somebody has said are not one person's: of each standing unlink, and of each decided suggestion (one
-- that was accepted is a link by now, or was undone).
SELECT ids FROM (
    SELECT ids FROM events
    WHERE type = 'customer.unlinked' AND occurred_at <= {at:DateTime64(6, 'UTC')} AND {{standing}}
    UNION ALL
    SELECT [left_root, right_root] FROM match_suggestions FINAL WHERE status IN ('accepted', 'rejected')
)
