"""How many are in a segment or have a tag: now, at a moment, and over time."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from api.asking import library_of, members_at
from api.kinds import entry_of
from api.parameters import Asked
from api.services import Services
from api.tallies import by_text
from projections.memberships import Every, count_history, value_counts
from schemas.definitions import DefinitionKind
from schemas.times import format_time


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
    """Each span in which anything changed. Raises NotFound."""
    entry = entry_of(platform.in_force.library(), *of)
    rows = count_history(platform.database, entry.ref, start, end, every, platform.terms.zone)
    data = [
        {"at": format_time(row["begins"]), "count": row["count"], "entered": row["entered"], "left": row["left"]}
        for row in rows
    ]
    return {"every": every, "data": data, "next_cursor": None}
