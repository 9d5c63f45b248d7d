"""Whether the kept profiles and memberships are what the oracle makes of the log."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from api.addresses import AddressBook
from api.dossier import Shown, dossier
from deploy.oracle.definitions.population import members_of, tag_values_of, world
from deploy.oracle.fold import profiles
from deploy.oracle.model import Json, Logged
from projections.database import Database, Given, Row

_PROFILES = "SELECT * FROM profiles FINAL WHERE root IN (SELECT name FROM names) AND present"
_HELD = "SELECT root, held FROM memberships FINAL WHERE root IN (SELECT name FROM names)"
_ELSEWHERE = ("person_id", "rfm", "lifecycle", "tags", "segments")
"""What compares customers with each other, or names them by the platform's own ids."""

Library = Mapping[str, Mapping[str, Json]]


@dataclass(frozen=True, slots=True)
class Terms:
    """In whose terms dossiers are shown."""

    currency: str
    zone: str
    region: str


def differing(database: Database, log: Iterable[Logged], now: datetime, terms: Terms) -> list[str]:
    """One sentence for each person of the log whose dossier is not the oracle's: the root and which sections."""
    told = profiles(log, now, currency=terms.currency, zone=terms.zone)
    rows = {row["root"]: row for row in database.rows(_PROFILES, None, _names(told))}
    found = []
    for root, expected in told.items():
        shown = _shown(rows[root], now, terms) if root in rows else {}
        if wrong := sorted(name for name in expected if shown.get(name) != expected[name]):
            found.append(f"{root}: {', '.join(wrong) if shown else 'no profile'}")
    return found


def misjudged(database: Database, log: Iterable[Logged], now: datetime, library: Library, terms: Terms) -> list[str]:
    """One sentence for each person and definition of whom something else is kept than the oracle says."""
    everyone = world(log, now, currency=terms.currency, zone=terms.zone, definitions=library)
    told: dict[tuple[str, str], str] = {}
    for key, body in library["segment"].items():
        told |= {(root, f"segment:{key}"): "true" for root in members_of(everyone, body)}
    for key, body in library["tag"].items():
        values = tag_values_of(everyone, body).items()
        told |= {(root, f"tag:{key}"): json.dumps(value, ensure_ascii=False) for root, value in values}
    refs = {f"{kind}:{key}" for kind, some in library.items() for key in some}
    held = _held(database, everyone.view.roots(), refs)
    return [f"{root}: {ref}" for root, ref in sorted({place for place, _ in told.items() ^ held.items()})]


def _held(database: Database, roots: Collection[str], refs: Collection[str]) -> dict[tuple[str, str], str]:
    rows = database.tuples(_HELD, None, _names(roots))
    return {(root, each["ref"]): each["value"] for root, held in rows for each in held if each["ref"] in refs}


def _shown(row: Row, now: datetime, terms: Terms) -> Json:
    book = AddressBook(terms.region, frozenset(), lambda _: None)
    said = dossier(row, book.identifiers(row["members"]), Shown(now, terms.currency, None, terms.zone, terms.region))
    return {name: value for name, value in said.items() if name not in _ELSEWHERE}


def _names(values: Iterable[str]) -> dict[str, Given]:
    return {"names": Given("name String", [(value,) for value in values])}
