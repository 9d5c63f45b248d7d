"""The customer dossier as a projection: folding it, keeping it, reading it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from projections.database import Database, Row
from projections.identity.reading import first_places_ever, identities_of
from projections.moments import AsOf
from projections.places import person_id
from projections.resolution import Resolution, resolve, resolve_people
from projections.statements import statement

# Columns of `profiles` in the order `fold.sql` yields them.
PROFILE_COLUMNS = (
    "root", "person_id", "version", "members", "present", "as_of", "type_counts", "type_first", "type_last",
    "by_channel", "orders_count", "orders_valued", "net_amount", "count_by_currency", "net_by_currency",
    "first_order_at", "last_order_at", "refunded_amount", "refund_count", "categories", "csat_sum", "csat_count",
    "nps_last", "open_tickets", "points", "tier", "traits", "consent", "brands",
    "orders_with_lines", "line_count", "units", "discounted_amount", "preferred_channel", "preferred_hour",
    "preferred_weekday", "by_campaign", "first_touch", "last_touch", "sessions", "stars_sum", "stars_count",
    "nps_count", "tickets", "tier_until", "expiring", "favourite_category",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Terms:
    """In whose terms facts are folded: the platform's currency and time zone, and which sources say traits best.

    `trait_sources`: trait (or "*" for all not named) -> sources in order of trust; listed ones beat all others.
    """

    currency: str
    zone: str = "Asia/Shanghai"
    trait_sources: Mapping[str, Sequence[str]] = field(default_factory=dict)


_BY_ROOT = "SELECT * FROM profiles WHERE root = {root:String} ORDER BY version DESC LIMIT 1"
# A root keeps its row when its person goes under another: with the id that person had.
_ROOT_OF = """
SELECT root FROM (
    SELECT root, argMax(person_id, version) AS now, argMax(present, version) AS is_present
    FROM profiles
    WHERE root IN (SELECT root FROM profiles WHERE person_id = {person_id:String})
    GROUP BY root
)
ORDER BY now = {person_id:String} DESC, is_present DESC, root
LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Persons:
    """Some persons, root → members, and what is read for them when that is known already."""

    people: Mapping[str, Sequence[str]]
    resolution: Resolution | None = None


LIVE = "profiles"


def write_profiles(
    database: Database,
    versions: Mapping[str, int],
    moment: AsOf,
    terms: Terms,
    table: str = LIVE,
    beside: Iterable[str] = (),
) -> Persons:
    """Fold some persons anew, each root with the version it is to carry. Returns those that are somebody.

    A root whose person goes under another root now keeps an empty row, with its former id. `table`: where dossiers
    are written, when not to the live ones; a name of ours, never input. `beside`: roots that are returned, too, but
    whose dossiers stay as they are.
    """
    asked = [*versions, *(root for root in beside if root not in versions)]
    roots, members = identities_of(database, asked)
    present = {root: members[root] for root in asked if roots[root] == root}
    former = {root: version for root, version in versions.items() if root not in present}
    _write_former(database, former, moment, table)
    resolution = resolve_people(database, present, versions, moment)
    if folded := resolution.persons.keys() & versions.keys():
        sql = f"INSERT INTO {table} ({', '.join(PROFILE_COLUMNS)}) {statement('fold')}"
        database.execute(sql, fold_parameters(moment, terms), resolution.of(folded).tables())
    return Persons(present, resolution)


def _write_former(database: Database, versions: Mapping[str, int], moment: AsOf, table: str) -> None:
    if not versions:
        return
    places = first_places_ever(database, versions)
    roots = [root for root in versions if root in places]
    database.insert(
        table,
        {
            "root": roots,
            "person_id": [person_id(places[root]) for root in roots],
            "version": [versions[root] for root in roots],
            "as_of": [moment.at] * len(roots),
        },
    )


def fold_parameters(moment: AsOf, terms: Terms) -> dict[str, object]:
    """The parameters every fold takes."""
    trusted = orjson.dumps(terms.trait_sources).decode()
    return {**moment.parameters(), "currency": terms.currency, "zone": terms.zone, "trusted": trusted}


def fold_profile(database: Database, identifier: str, moment: AsOf, terms: Terms) -> Row | None:
    """The dossier of an identifier's person at a moment, computed from the facts; None before its first fact."""
    resolution = resolve(database, [identifier], moment)
    if not resolution.persons:
        return None
    row = database.one(statement("fold"), fold_parameters(moment, terms), resolution.tables())
    return row if row and row["present"] else None


def current_profile(database: Database, identifier: str) -> Row | None:
    """The dossier of an identifier's person as it is kept; None when there is none."""
    roots, _ = identities_of(database, [identifier])
    row = database.one(_BY_ROOT, {"root": roots[identifier]})
    return row if row and row["present"] else None


def root_of_person(database: Database, person: str) -> str | None:
    """The root of the person that has, or once had, this id; None when nobody ever had."""
    row = database.one(_ROOT_OF, {"person_id": person})
    return str(row["root"]) if row else None
