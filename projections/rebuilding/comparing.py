"""What differs between the live tables and those beside: counted, by column, with a few samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from projections.database import Database
from projections.rebuilding.beside import Beside

ROWS_A_STEP = 50_000
SAMPLES = 5

_KINDS = """
SELECT name, type FROM system.columns
WHERE database = {name:String} AND table = {table:String} AND default_kind NOT IN ('MATERIALIZED', 'ALIAS')
ORDER BY position
"""
# Each side's rows as (key, hash of each column): only sums and a few samples leave the server.
_COMPARED = """
SELECT count() AS rows, sum(of_live), sum(of_next), countIf(both AND was != now) AS changed,
       sumForEach(arrayMap((a, b) -> toUInt64(a != b), if(both, was, []), if(both, now, []))) AS by_column,
       groupArrayIf({most:UInt8})(name, NOT both OR was != now) AS samples
FROM (
    SELECT key, any(name) AS name, max(side = 0) AS of_live, max(side = 1) AS of_next, of_live AND of_next AS both,
           anyIf(hashes, side = 0) AS was, anyIf(hashes, side = 1) AS now
    FROM (
        SELECT 0 AS side, {key} AS key, {name} AS name, [{hashes}] AS hashes FROM ({rows_of_live})
        UNION ALL
        SELECT 1 AS side, {key} AS key, {name} AS name, [{hashes}] AS hashes FROM ({rows_of_next})
    )
    GROUP BY key
)
"""
_TWO = "SELECT {columns} FROM ({rows}) WHERE {name} = {asked:String}"


@dataclass(frozen=True, slots=True)
class Compared:
    """A table whose rows are compared: by which key, from where, and which columns do not count."""

    table: str
    key: str
    name: str
    """What a sample is called by: nothing personal."""
    rows: str
    """{from} the table; {bucket} of {buckets}."""
    split: str
    apart: frozenset[str]


PROFILES = Compared(
    "profiles",
    "root",
    "person_id",
    "SELECT * FROM {from} FINAL WHERE present = 1 AND {bucket}",
    "root",
    frozenset({"root", "version", "as_of", "present"}),
)
FACTS = Compared(
    "events",
    "cityHash64(toString(source), event_id, log_partition, log_offset, log_index)",
    "concat(toString(log_partition), '/', toString(log_offset), '/', toString(log_index))",
    "SELECT * FROM {from} FINAL WHERE {bucket} AND (source, event_id, log_partition, log_offset, log_index) NOT IN"
    " (SELECT source, event_id, log_partition, log_offset, log_index FROM {database}.retractions)",
    "event_id",
    frozenset({"recorded_at"}),
)
LETTERS = Compared(
    "dead_letters", "letter_id", "letter_id", "SELECT * FROM {from} FINAL WHERE {bucket}", "letter_id", frozenset()
)
COMPARED: Mapping[str, Compared] = {each.table: each for each in (PROFILES, FACTS, LETTERS)}


@dataclass(slots=True)
class Differences:
    """What was found of one table."""

    table: str
    before: int = 0
    after: int = 0
    only_before: int = 0
    only_after: int = 0
    changed: int = 0
    by_column: Counter[str] = field(default_factory=Counter)
    samples: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many rows differ at all."""
        return self.only_before + self.only_after + self.changed


def compare(database: Database, beside: Beside, compared: Compared, step: Callable[[float], None]) -> Differences:
    """Compare a table with the one beside; `step` is told the share that is done."""
    columns = _columns(database, beside, compared)
    sides = {"live": beside.live.database, "next": beside.next.database}
    total = database.tuples(f"SELECT count() FROM {sides['live']}.{compared.table}")[0][0]  # noqa: S608 -- of the catalogue
    buckets = 1 + int(total) // ROWS_A_STEP
    sql = _COMPARED.replace("{key}", compared.key).replace("{hashes}", ", ".join(columns.values()))
    for side, name in sides.items():
        sql = sql.replace(f"{{rows_of_{side}}}", _rows(compared, name))
    sql = sql.replace("{name}", compared.name)
    found = Differences(compared.table)
    for bucket in range(buckets):
        asked = {"buckets": buckets, "bucket": bucket, "most": SAMPLES}
        _add(found, database.tuples(sql, asked)[0], list(columns))
        step((bucket + 1) / buckets)
    return found


def two_rows(database: Database, beside: Beside, compared: Compared, name: str) -> dict[str, tuple[str, str]]:
    """The columns of one sample that differ, before and after. It may be personal."""
    columns = list(_columns(database, beside, compared))
    shown = ", ".join(f"toString({each})" for each in columns)
    asked = {"asked": name, "buckets": 1, "bucket": 0}
    both = []
    for address in (beside.live, beside.next):
        rows = _rows(compared, address.database)
        sql = _TWO.replace("{columns}", shown).replace("{rows}", rows).replace("{name}", compared.name)
        both.append(next(iter(database.tuples(sql, asked)), ("-",) * len(columns)))
    return {each: (was, now) for each, was, now in zip(columns, *both, strict=True) if was != now}


def _rows(compared: Compared, database: str) -> str:
    bucket = f"cityHash64({compared.split}) % {{buckets:UInt32}} = {{bucket:UInt32}}"
    named = compared.rows.replace("{from}", f"{database}.{compared.table}").replace("{database}", database)
    return named.replace("{bucket}", bucket)


def _columns(database: Database, beside: Beside, compared: Compared) -> dict[str, str]:
    """Each column that counts, with the expression that makes a hash of it; a map's order says nothing."""
    kinds = database.tuples(_KINDS, {"name": beside.live.database, "table": compared.table})
    return {
        name: f"cityHash64(ifNull(toString({f'mapSort({name})' if kind.startswith('Map(') else name}), '\\\\N'))"
        for name, kind in kinds
        if name not in compared.apart
    }


def _add(found: Differences, row: Sequence[object], columns: Sequence[str]) -> None:
    rows, before, after, changed, by_column, samples = row
    found.before += int(str(before))
    found.after += int(str(after))
    found.changed += int(str(changed))
    found.only_before += int(str(rows)) - int(str(after))
    found.only_after += int(str(rows)) - int(str(before))
    counts = dict(zip(columns, by_column, strict=False))  # type: ignore[call-overload]
    found.by_column.update({name: int(count) for name, count in counts.items() if count})
    found.samples += list(samples)[: SAMPLES - len(found.samples)]  # type: ignore[call-overload]
