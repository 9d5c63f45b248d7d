"""How good what sources send is: figures of a span of time, from facts, letters, repetitions and counted violations.

An event counts once, by its place in the log. Counts of a source are exact up to 32,768 events, and within half a per
cent beyond (`uniqCombined64(20)`, at most 1 MiB each); those of its fields, of which there are many, up to 4,096.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from projections.database import Database, Given, Row, time_parameter

_PLACE = "(20)(log_partition, log_offset, log_index)"
_FACTS = f"""
SELECT toString(source) AS source, uniqCombined64{_PLACE} AS events,
       uniqCombined64If(20)(log_partition, log_offset, log_index, subject = '') AS without_customer,
       max(received_at) AS last,
       quantiles(0.5, 0.95)(greatest(0, dateDiff('millisecond', occurred_at, received_at)) / 1000) AS late
FROM events WHERE received_at >= {{since:DateTime64(6, 'UTC')}} GROUP BY source
"""  # noqa: S608 -- a constant of this module
_LAST = "SELECT toString(source) AS source, max(last) AS last FROM seen_fields WHERE field = '' GROUP BY source"
_NEW = """
SELECT toString(source) AS source, count() AS events
FROM (SELECT source, type, field, min(first) AS first FROM seen_fields GROUP BY source, type, field)
WHERE first >= {since:DateTime64(6, 'UTC')} GROUP BY source
"""
_LETTERS = """
SELECT toString(source) AS source, toString(code) AS code, count() AS letters,
       countIf(code = 'no_identifier' OR (code = 'unknown_field' AND startsWith(pointer, '/ids/')))
           AS unknown_identifiers
FROM (SELECT source, code, pointer FROM dead_letters
      WHERE received_at >= {since:DateTime64(6, 'UTC')} LIMIT 1 BY letter_id)
GROUP BY source, code ORDER BY source, code
"""
_DUPLICATES = f"""
SELECT toString(source) AS source, uniqCombined64{_PLACE} AS events
FROM repetitions WHERE received_at >= {{since:DateTime64(6, 'UTC')}} GROUP BY source
"""  # noqa: S608 -- a constant of this module
_COUNTED = f"""
SELECT toString(source) AS source, uniqCombined64{_PLACE} AS events
FROM violations WHERE received_at >= {{since:DateTime64(6, 'UTC')}} GROUP BY source
"""  # noqa: S608 -- a constant of this module
_RECENT = f"""
SELECT toString(source) AS source, uniqCombined64{_PLACE} AS events
FROM events INNER JOIN spans USING source WHERE received_at >= spans.begin GROUP BY source
"""  # noqa: S608 -- a constant of this module
_FREE_TEXT = f"""
SELECT toString(source) AS source, uniqCombined64{_PLACE} AS events
FROM events
WHERE received_at >= {{since:DateTime64(6, 'UTC')}}
  AND (startsWith(type, 'feedback.') OR startsWith(type, 'ticket.')
       OR type IN ('survey.answered', 'service.contacted', 'search.performed', 'order.cancelled', 'order.refunded'))
  AND match(concat(JSONExtractString(data, 'comment'), '\\n', JSONExtractString(data, 'text'), '\\n',
                   JSONExtractString(data, 'note'), '\\n', JSONExtractString(data, 'subject'), '\\n',
                   JSONExtractString(data, 'topic'), '\\n', JSONExtractString(data, 'query'), '\\n',
                   JSONExtractString(data, 'reason'), '\\n', JSONExtractRaw(data, 'answers')), {{personal:String}})
GROUP BY source
"""  # noqa: S608 -- a constant of this module
_FIELDS = """
SELECT toString(type) AS type, field, uniqCombined64(log_partition, log_offset, log_index) AS events
FROM events
ARRAY JOIN arrayPushFront(arrayFilter(name -> length(name) <= 64, arraySlice(JSONExtractKeys(data), 1, 100)), '')
           AS field
WHERE source = {source:String} AND received_at >= {since:DateTime64(6, 'UTC')}
GROUP BY type, field ORDER BY type, field LIMIT 2000
"""
_FIRSTS = """
SELECT toString(type) AS type, field, min(first) AS first FROM seen_fields
WHERE source = {source:String} GROUP BY type, field ORDER BY first DESC LIMIT 10000
"""
_BROKEN = f"""
SELECT toString(type) AS type, replaceRegexpAll(pointer, '[0-9]+', '#') AS pointer,
       replaceRegexpAll(message, '[0-9]+', '#') AS message, uniqCombined64{_PLACE} AS events
FROM violations WHERE source = {{source:String}} AND received_at >= {{since:DateTime64(6, 'UTC')}}
GROUP BY type, pointer, message ORDER BY events DESC, type, pointer LIMIT 50
"""  # noqa: S608 -- a constant of this module
PERSONAL = (
    r"(^|[^0-9])1[3-9][0-9]{9}([^0-9]|$)"
    r"|\+[1-9][0-9]{7,14}([^0-9]|$)"
    r"|[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"
    r"|(^|[^0-9])[1-9][0-9]{5}(19|20)[0-9]{9}[0-9Xx]"
)
"""Mobile numbers, numbers with a country code, e-mail addresses, Chinese identity cards."""


def facts(database: Database, since: datetime) -> dict[str, Row]:
    """By source: events, those without a customer, the last one, how many seconds late they came (median, 95th)."""
    return _by_source(database.rows(_FACTS, _since(since)))


def last_received(database: Database) -> dict[str, datetime]:
    """By source: when its last event was received, at most a minute behind."""
    return {row["source"]: row["last"] for row in database.rows(_LAST)}


def newly_seen(database: Database, since: datetime) -> dict[str, int]:
    """By source: types, and fields of types, that were seen for the first time."""
    return _counts(database.rows(_NEW, _since(since)))


def letters(database: Database, since: datetime) -> dict[str, list[Row]]:
    """By source: letters by code, and how many of them for identifiers that are unknown or not there."""
    found: dict[str, list[Row]] = {}
    for row in database.rows(_LETTERS, _since(since)):
        found.setdefault(row["source"], []).append(row)
    return found


def duplicates(database: Database, since: datetime) -> dict[str, int]:
    """By source: events that came again with the same content."""
    return _counts(database.rows(_DUPLICATES, _since(since)))


def counted(database: Database, since: datetime) -> dict[str, int]:
    """By source: events that break a contract which only counts."""
    return _counts(database.rows(_COUNTED, _since(since)))


def with_personal_data(database: Database, since: datetime) -> dict[str, int]:
    """By source: events whose free text holds what looks like a number, an address or a card of somebody."""
    return _counts(database.rows(_FREE_TEXT, {**_since(since), "personal": PERSONAL}))


def recent(database: Database, begins: Mapping[str, datetime]) -> dict[str, int]:
    """By source: events since a moment of its own."""
    if not begins:
        return {}
    rows = [(source, time_parameter(begin)) for source, begin in begins.items()]
    spans = Given("source String, begin DateTime64(6, 'UTC')", rows)
    return _counts(database.rows(_RECENT, tables={"spans": spans}))


def fields(database: Database, source: str, since: datetime) -> list[Row]:
    """Of a source's events how many had which field of data, by type; field '' counts all events of the type."""
    return database.rows(_FIELDS, {"source": source, **_since(since)})


def first_seen(database: Database, source: str) -> dict[tuple[str, str], datetime]:
    """When each type and field of a source was seen first, the latest first; field '' is the type."""
    return {(row["type"], row["field"]): row["first"] for row in database.rows(_FIRSTS, {"source": source})}


def broken(database: Database, source: str, since: datetime) -> list[Row]:
    """What a source's events break in a contract which only counts, the most frequent first."""
    return database.rows(_BROKEN, {"source": source, **_since(since)})


def _since(since: datetime) -> dict[str, str]:
    return {"since": time_parameter(since)}


def _by_source(rows: list[Row]) -> dict[str, Row]:
    return {row["source"]: row for row in rows}


def _counts(rows: list[Row]) -> dict[str, int]:
    return {row["source"]: row["events"] for row in rows}
