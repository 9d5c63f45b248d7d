"""Which types and fields of each source were seen, and when first: written when there is something new to say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from projections.database import Database
from projections.facts import Fact

_AGAIN = timedelta(minutes=1)
"""How far what is kept of a type's last event may lie behind."""
_FIELDS_OF_AN_EVENT = 100
_LONGEST_NAME = 64
_NAMES_OF_A_TYPE = 1_000
_MOST_KNOWN = 50_000

_Key = tuple[str, str, str]
"""Source, type, field; '' is the type itself."""
_Span = tuple[datetime, datetime]
"""When it was seen first, and a type also when last."""


@dataclass(slots=True)
class SeenFields:
    """One worker's view of the table; a cache, and whatever it forgets is only written once more."""

    database: Database
    _known: dict[_Key, _Span] = field(default_factory=dict)
    _names: Counter[tuple[str, str]] = field(default_factory=Counter)

    def note(self, facts: Iterable[Fact]) -> None:
        """Keep what is new in some facts; mostly that is nothing, and nothing is asked or written. Raises Unavailable.

        Minima and maxima come out the same in whatever order facts come, and however often.
        """
        news = {key: span for key, span in _spans(facts).items() if self._is_news(key, span)}
        if not news:
            return
        _write(self.database, news)
        if len(self._known) + len(news) > _MOST_KNOWN:
            self.forget()
        for key, span in news.items():
            before = self._known.get(key)
            self._names[key[:2]] += before is None
            self._known[key] = (min(span[0], before[0]), max(span[1], before[1])) if before else span

    def forget(self) -> None:
        """Know nothing any more."""
        self._known.clear()
        self._names.clear()

    def _is_news(self, key: _Key, span: _Span) -> bool:
        known = self._known.get(key)
        if known is None:
            return self._names[key[:2]] < _NAMES_OF_A_TYPE
        return span[0] < known[0] or (not key[2] and span[1] >= known[1] + _AGAIN)


def _spans(facts: Iterable[Fact]) -> dict[_Key, _Span]:
    """Of types the first and the last event, of fields the first. Few events have other fields than those before."""
    shapes: dict[tuple[str, str, tuple[str, ...]], _Span] = {}
    for fact in facts:
        event, at = fact.event, fact.place.received_at
        shape = event.source, event.type, tuple(event.data)
        known = shapes.get(shape)
        if known is None:
            shapes[shape] = (at, at)
        elif not known[0] <= at <= known[1]:
            shapes[shape] = (min(at, known[0]), max(at, known[1]))
    found: dict[_Key, _Span] = {}
    for (source, kind, fields), (first, last) in shapes.items():
        for name in ("", *fields[:_FIELDS_OF_AN_EVENT]):
            if len(name) <= _LONGEST_NAME:
                before = found.get((source, kind, name), (first, first))
                end = max(last, before[1]) if not name else min(first, before[0])
                found[source, kind, name] = (min(first, before[0]), end)
    return found


def _write(database: Database, news: Mapping[_Key, _Span]) -> None:
    database.insert(
        "seen_fields",
        {
            "source": [source for source, _, _ in news],
            "type": [kind for _, kind, _ in news],
            "field": [name for _, _, name in news],
            "first": [first for first, _ in news.values()],
            "last": [last for _, last in news.values()],
        },
    )
