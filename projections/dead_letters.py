"""Dead letters as rows."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass

from projections.database import Database, Row
from schemas.dead_letter import DeadLetter


@dataclass(frozen=True, slots=True)
class Buried:
    """A letter and its place in the dead-letter topic."""

    letter: DeadLetter
    partition: int
    offset: int
    index: int


def write_letters(database: Database, buried: Sequence[Buried]) -> None:
    """Append letters; the same place again is the same row."""
    letters = [each.letter for each in buried]
    database.insert(
        "dead_letters",
        {
            "letter_id": [_letter_id(each) for each in buried],
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
        },
    )


def _letter_id(buried: Buried) -> str:
    """A refused event of the log is known by its place there, so that a letter written twice is one row."""
    letter = buried.letter
    if letter.offset is None:
        return f"ingest-{buried.partition}-{buried.offset}-{buried.index}"
    return f"log-{letter.partition}-{letter.offset}-{letter.index}"


_LIST = """
SELECT letter_id, toString(code) AS code, pointer, message, toString(source) AS source, event_id,
       toString(origin) AS origin, topic, log_partition, log_offset, log_index, received_at,
       base64Encode(original) AS original
FROM dead_letters FINAL
WHERE ({code:String} = '' OR code = {code:String}) AND ({source:String} = '' OR source = {source:String})
  AND (received_at, letter_id) < ({before_at:DateTime64(3, 'UTC')}, {before_id:String})
ORDER BY received_at DESC, letter_id DESC
LIMIT {limit:UInt32}
"""


def list_letters(database: Database, code: str, source: str, before: tuple[str, str], limit: int) -> list[Row]:
    """Dead letters, newest first, with a code and of a source ('' = any), after the (received_at, letter_id) given."""
    parameters = {"code": code, "source": source, "before_at": before[0], "before_id": before[1], "limit": limit}
    return with_bytes(database.rows(_LIST, parameters))


def with_bytes(rows: list[Row]) -> list[Row]:
    """Letters whose `original` was read as base64, with its bytes: the driver makes hex of what is not UTF-8."""
    return [{**row, "original": b64decode(row["original"])} for row in rows]
