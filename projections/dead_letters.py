"""Dead letters as rows: buried, listed, grouped by what is wrong, taken out to be replayed, and purged."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from projections.database import Database, Row, time_parameter
from schemas.dead_letter import DeadLetter
from schemas.letter_filter import LetterFilter

State = Literal["all", "open", "repaired"]
MOST_PAGE_BYTES = 16 * 2**20
"""Of originals in one page: a few huge ones make it shorter."""


@dataclass(frozen=True, slots=True)
class Buried:
    """A letter and its place in the dead-letter topic."""

    letter: DeadLetter
    partition: int
    offset: int
    index: int


@dataclass(frozen=True, slots=True)
class LetterPage:
    """Some letters in their order, and whether there are more."""

    rows: list[Row]
    has_more: bool


def write_letters(database: Database, buried: Sequence[Buried]) -> None:
    """Append letters; the same place again is the same row."""
    letters = [each.letter for each in buried]
    database.insert(
        "dead_letters",
        {
            "letter_id": [letter_id_of(each) for each in buried],
            "code": [letter.code for letter in letters],
            "pointer": [letter.pointer for letter in letters],
            "message": [letter.message for letter in letters],
            "source": [letter.source for letter in letters],
            "event_id": [letter.event_id or "" for letter in letters],
            "origin": [letter.origin for letter in letters],
            "topic": [letter.topic or "" for letter in letters],
            "log_partition": [letter.partition for letter in letters],
            "log_offset": [letter.offset for letter in letters],
            "log_index": [letter.index for letter in letters],
            "received_at": [letter.received_at for letter in letters],
            "original": [letter.original for letter in letters],
            "letter_partition": [each.partition for each in buried],
            "letter_offset": [each.offset for each in buried],
            "letter_index": [each.index for each in buried],
            "truncated": [letter.truncated for letter in letters],
            "version": [letter.version for letter in letters],
            "format": [letter.format for letter in letters],
        },
    )


def letter_id_of(buried: Buried) -> str:
    """A refused event of the log is known by its place there, so that a letter written twice is one row."""
    letter = buried.letter
    if letter.offset is None:
        return f"ingest-{buried.partition}-{buried.offset}-{buried.index}"
    return f"log-{letter.partition}-{letter.offset}-{letter.index}"


_COLUMNS = """letter_id, toString(code) AS code, pointer, message, toString(source) AS source, event_id,
       toString(origin) AS origin, topic, log_partition, log_offset, log_index, received_at, truncated, version,
       toString(format) AS format, fingerprint, base64Encode(original) AS original"""
_WANTED = """
      (empty({letter_ids:Array(String)}) OR letter_id IN {letter_ids:Array(String)})
  AND ({any_code:Bool} OR code = {code:String}) AND ({any_source:Bool} OR source = {source:String})
  AND ({fingerprint:String} = '' OR fingerprint = {fingerprint:String})
  AND ({event_id:String} = '' OR event_id = {event_id:String}) AND ({origin:String} = '' OR origin = {origin:String})
  AND received_at >= {from:DateTime64(6, 'UTC')} AND received_at < {to:DateTime64(6, 'UTC')}
  AND ({topic:String} = '' OR topic = {topic:String})
  AND ({partition:Int64} < 0 OR log_partition = {partition:Int64})
  AND ({offset:Int64} < 0 OR log_offset = {offset:Int64})
  AND ({state:String} = 'all' OR (letter_id IN (SELECT letter_id FROM repairs)) = ({state:String} = 'repaired'))
"""
# Of a page only so many that their originals have MOST_PAGE_BYTES, but at least one.
_PAGE = """
SELECT * EXCEPT (size, before) FROM (
    SELECT *, length(original) AS size, sum(size) OVER (ORDER BY received_at {order}, letter_id {order}
               ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - size AS before, count() OVER () AS found
    FROM (
        SELECT {columns} FROM dead_letters FINAL
        WHERE {wanted} AND (received_at, letter_id) {beyond} ({at:DateTime64(6, 'UTC')}, {id:String})
        ORDER BY received_at {order}, letter_id {order} LIMIT {limit:UInt32}
    )
)
WHERE before < {bytes:UInt64}
ORDER BY received_at {order}, letter_id {order}
"""
_COUNT = """
SELECT count() AS letters FROM dead_letters FINAL WHERE {wanted}
"""
_ONE = """
SELECT {columns} FROM dead_letters FINAL WHERE letter_id = {{id:String}}
"""
_REPAIRS = """
SELECT letter_id, replay_id, toString(source) AS source, event_id, received_at, log_partition, log_offset, log_index
FROM repairs WHERE letter_id IN {letter_ids:Array(String)}
ORDER BY letter_id, received_at DESC, log_partition, log_offset, log_index LIMIT 1 BY letter_id
"""
_FIRST = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_LAST = datetime.fromisoformat("2261-01-01T00:00:00+00:00")
NEWEST = (_LAST, "")
OLDEST = (_FIRST, "")


def _page(*, newest_first: bool) -> str:
    order, beyond = ("DESC", "<") if newest_first else ("ASC", ">")
    filled = _PAGE.replace("{columns}", _COLUMNS).replace("{wanted}", _WANTED)
    return filled.replace("{order}", order).replace("{beyond}", beyond)


_NEWEST_FIRST, _OLDEST_FIRST = _page(newest_first=True), _page(newest_first=False)


def list_letters(
    database: Database, wanted: LetterFilter, state: State, before: tuple[datetime, str], limit: int
) -> LetterPage:
    """Letters, the newest first, after the (received_at, letter_id) given; each with the repair it had, if any."""
    return _pages(database, _NEWEST_FIRST, wanted, state, before, limit)


def letters_to_replay(database: Database, wanted: LetterFilter, after: tuple[datetime, str], limit: int) -> LetterPage:
    """Letters that were not replayed yet, in the order they came."""
    return _pages(database, _OLDEST_FIRST, wanted, "open", after, limit)


def _pages(
    database: Database, sql: str, wanted: LetterFilter, state: State, start: tuple[datetime, str], limit: int
) -> LetterPage:
    asked = {
        **selection(wanted, state),
        "at": time_parameter(start[0]),
        "id": start[1],
        "limit": limit + 1,
        "bytes": MOST_PAGE_BYTES,
    }
    rows = database.rows(sql, asked)
    shown = rows[:limit]
    return LetterPage(_complete(database, shown), bool(rows) and rows[0]["found"] > len(shown))


def one_letter(database: Database, letter_id: str) -> Row | None:
    """One letter with all there is about it."""
    rows = _complete(database, database.rows(_ONE.format(columns=_COLUMNS), {"id": letter_id}))
    return rows[0] if rows else None


def count_letters(database: Database, wanted: LetterFilter, state: State = "all") -> int:
    """How many there are."""
    row = database.one(_COUNT.replace("{wanted}", _WANTED), selection(wanted, state))
    return int(row["letters"]) if row else 0


def selection(wanted: LetterFilter, state: State) -> dict[str, object]:
    """What is wanted, as the parameters of a statement."""
    return {
        "letter_ids": wanted.letter_ids,
        "any_code": wanted.code is None,
        "code": wanted.code or "",
        "any_source": wanted.source is None,
        "source": wanted.source or "",
        "fingerprint": wanted.fingerprint or "",
        "event_id": wanted.event_id or "",
        "origin": wanted.origin or "",
        "from": time_parameter(wanted.begin or _FIRST),
        "to": time_parameter(wanted.end or _LAST),
        "topic": wanted.topic or "",
        "partition": -1 if wanted.partition is None else wanted.partition,
        "offset": -1 if wanted.offset is None else wanted.offset,
        "state": state,
    }


def wanted_sql(sql: str) -> str:
    """A statement with its `{wanted}` filled in, for the parameters of `selection`."""
    return sql.replace("{wanted}", _WANTED)


def _complete(database: Database, rows: list[Row]) -> list[Row]:
    """Letters with their bytes, and the last repair of each."""
    if not rows:
        return []
    repaired = database.rows(_REPAIRS, {"letter_ids": [row["letter_id"] for row in rows]})
    by_letter = {row["letter_id"]: row for row in repaired}
    return [{**row, "repair": by_letter.get(row["letter_id"])} for row in with_bytes(rows)]


def with_bytes(rows: list[Row]) -> list[Row]:
    """Letters whose `original` was read as base64, with its bytes: the driver makes hex of what is not UTF-8."""
    return [{**row, "original": b64decode(row["original"])} for row in rows]
