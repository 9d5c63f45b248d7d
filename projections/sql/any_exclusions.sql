-- Whether anything was ever voided or retracted: most rounds need not ask further.
SELECT (SELECT count() FROM voids) + (SELECT count() FROM retractions) > 0 AS any
