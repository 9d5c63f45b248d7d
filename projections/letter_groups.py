"""Dead letters grouped by what is wrong: code, source and fingerprint, with counts, times and samples."""

from __future__ import annotations

from projections.database import Database, Row
from projections.dead_letters import State, selection, wanted_sql
from schemas.letter_filter import LetterFilter

# With the three newest as samples.
_GROUPS = """
SELECT *
FROM (
    SELECT toString(code) AS code, toString(source) AS source, fingerprint,
           any(replaceRegexpAll(pointer, '[0-9]+', '#')) AS pointer, any(message) AS message,
           count() AS letters, countIf(letter_id NOT IN (SELECT letter_id FROM repairs)) AS open,
           min(received_at) AS first_seen, max(received_at) AS last_seen,
           groupArraySorted(3)((-toInt64(toUnixTimestamp64Milli(received_at)), letter_id, event_id))
               AS samples
    FROM dead_letters FINAL
    WHERE {wanted}
    GROUP BY code, source, fingerprint
)
WHERE (open, letters, fingerprint, source) < ({open:UInt64}, {letters:UInt64}, {group:String}, {of:String})
ORDER BY open DESC, letters DESC, fingerprint DESC, source DESC
LIMIT {limit:UInt32}
"""
FROM_THE_TOP = (2**63 - 1, 2**63 - 1, "", "")


def letter_groups(
    database: Database, wanted: LetterFilter, state: State, after: tuple[int, int, str, str], limit: int
) -> list[Row]:
    """The groups with most letters that wait for a repair first, after the (open, letters, fingerprint, source)."""
    opened, letters, group, source = after
    asked = {
        **selection(wanted, state),
        "open": opened,
        "letters": letters,
        "group": group,
        "of": source,
        "limit": limit,
    }
    return database.rows(wanted_sql(_GROUPS), asked)
