"""How many are in a segment or have a tag: now, at a moment, and over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from api.asking import library_of, members_at
from api.kinds import entry_of
from api.parameters import Asked
from api.services import Services
from api.spans import spans
from api.tallies import by_text
from projections.database import Row
from projections.memberships import Every, count_history, value_counts
from schemas.definitions import DefinitionKind
from schemas.errors import RequestError
from schemas.times import format_time

MOST_SPANS = 2_000
_EPOCH = datetime.fromtimestamp(0, UTC)
_QUIET: Mapping[str, Any] = {"entered": 0, "left": 0}


def count_at(platform: Services, kind: DefinitionKind, key: str, asked: Asked) -> dict[str, Any]:
    """The count; of a tag with `values`. Raises NotFound."""
    library = library_of(platform, asked)
    ref = entry_of(library, kind, key).ref
    if asked.live:
        counts = value_counts(platform.database, ref)
    else:
        counts = Counter(each.value for each in members_at(platform, library, ref, asked))
    return {"count": sum(counts.values()), **({"values": by_text(counts)} if kind == "tag" else {})}


def history(
    platform: Services, of: tuple[DefinitionKind, str], start: datetime, end: datetime, every: Every
) -> dict[str, Any]:
    """Every span from one time to another. Raises NotFound, RequestError `bad_parameter` for too many."""
    entry = entry_of(platform.in_force.library(), *of)
    zone = platform.terms.zone
    asked = list(islice(spans(start, end, every, zone), MOST_SPANS + 1))
    if len(asked) > MOST_SPANS:
        raise RequestError("bad_parameter", f"More than {MOST_SPANS} spans: ask for longer ones.", "/query/every")
    rows = count_history(platform.database, entry.ref, _EPOCH, end, every, zone)
    return {"every": every, "data": filled(asked, rows), "next_cursor": None}


def filled(asked: Sequence[datetime], rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The spans asked for; where nothing changed the count stays what it was."""
    changed = {row["begins"]: row for row in rows}
    before = [row["count"] for row in rows if not asked or row["begins"] < asked[0]]
    count = before[-1] if before else 0
    found = []
    for begins in asked:
        row = changed.get(begins, _QUIET)
        count = row.get("count", count)
        found.append({"at": format_time(begins), "count": count, "entered": row["entered"], "left": row["left"]})
    return found
