"""The changes of memberships as rows: writing them, and finding those whose saying was not acknowledged."""

from __future__ import annotations

from collections.abc import Sequence

from projections.database import Database, Row
from projections.membership.model import Cause, Change

_SINCE = """
SELECT toString(kind) AS kind, key, root, person_id, sequence, before, after, at, toString(cause) AS cause, cause_ref,
       definition_version, log_partition, version
FROM changes
WHERE log_partition = {partition:UInt16} AND version > {version:UInt64}
ORDER BY version, root, kind, key
LIMIT 1 BY kind, key, root, sequence
"""


def write_changes(database: Database, changes: Sequence[Change]) -> None:
    """Append them; the same one again is the same row."""
    database.insert(
        "changes",
        {
            "kind": [each.kind for each in changes],
            "key": [each.key for each in changes],
            "root": [each.root for each in changes],
            "sequence": [each.sequence for each in changes],
            "person_id": [each.person_id for each in changes],
            "change_id": [each.change_id for each in changes],
            "before": [each.before for each in changes],
            "after": [each.after for each in changes],
            "at": [each.at for each in changes],
            "cause": [each.cause.kind for each in changes],
            "cause_ref": [each.cause.ref for each in changes],
            "definition_version": [each.definition_version for each in changes],
            "log_partition": [each.partition for each in changes],
            "version": [each.version for each in changes],
        },
    )


def changes_since(database: Database, partition: int, version: int) -> list[Change]:
    """What was written for a partition of the touched topic after a version, each change once, in order."""
    return [_change(row) for row in database.rows(_SINCE, {"partition": partition, "version": version})]


def _change(row: Row) -> Change:
    return Change(
        kind=row["kind"],
        key=row["key"],
        root=row["root"],
        person_id=row["person_id"],
        sequence=row["sequence"],
        before=row["before"],
        after=row["after"],
        at=row["at"],
        cause=Cause(row["cause"], row["cause_ref"]),
        definition_version=row["definition_version"],
        partition=row["log_partition"],
        version=row["version"],
    )
