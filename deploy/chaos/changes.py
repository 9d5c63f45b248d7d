"""Whether what was said about memberships is one story: each change once, after the one before, and what is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import closing

import orjson

from projections.database import Database
from projections.log.replay import LogReplay

_CHANGES = """
SELECT root, kind || ':' || key, before, after, change_id FROM changes FINAL ORDER BY root, kind, key, sequence
"""
_HELD = "SELECT root, held FROM memberships FINAL"
_NOTHING = ("null", "false")


class Messages:
    """The changes topic, read on from where it was read last."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self._bootstrap, self._topic = bootstrap, topic
        self._read: dict[int, int] = {}
        self.said: dict[str, set[bytes]] = {}
        """By change_id what was said under it; said again in the same words counts once."""

    def read_on(self) -> None:
        """Read what came since. Raises Unavailable."""
        with closing(LogReplay(self._bootstrap, self._topic)) as log:
            ends = log.ends()
            starts = {partition: self._read.get(partition, begin) for partition, begin in log.begins().items()}
            for some in log.read(starts, ends):
                for record in some:
                    value = record.value or b""
                    self.said.setdefault(orjson.loads(value)["change_id"], set()).add(value)
            self._read = ends


def contradictions(database: Database, messages: Messages) -> list[str]:
    """One sentence for each breach: changes without one before, ids used twice or never said, states out of step.

    While people change by time alone, messages are read before and after: each has its row first, each row its
    message soon.
    """
    messages.read_on()
    said_before = set(messages.said)
    rows = database.tuples(_CHANGES)
    messages.read_on()
    found: list[str] = []
    last: dict[tuple[str, str], str] = {}
    for root, ref, before, after, change_id in rows:
        if before != last.get((root, ref), "null" if ref.startswith("tag:") else "false") or before == after:
            found.append(f"{change_id} does not follow the change before it")
        last[root, ref] = after
    ids = Counter(change_id for *_, change_id in rows)
    found += [f"{change_id} is several changes" for change_id, count in ids.items() if count > 1]
    found += [f"{change_id} was never said" for change_id in ids.keys() - messages.said.keys()]
    found += [f"{change_id} was said and is no change" for change_id in said_before - ids.keys()]
    found += [f"{change_id} says two things" for change_id, said in messages.said.items() if len(said) > 1]
    return found + _out_of_step(database, last)


def _out_of_step(database: Database, last: Mapping[tuple[str, str], str]) -> list[str]:
    held = {(root, each["ref"]): each["value"] for root, some in database.tuples(_HELD) for each in some}
    told = {place: value for place, value in last.items() if value not in _NOTHING}
    return [f"{ref} of {root} is kept otherwise" for root, ref in {place for place, _ in held.items() ^ told.items()}]
