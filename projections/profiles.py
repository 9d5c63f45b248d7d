"""The customer dossier as a projection: folding it, keeping it, reading it."""

from __future__ import annotations

from collections.abc import Mapping

from projections.database import Database, Row
from projections.resolution import AsOf, resolve, subjects_asked
from projections.statements import statement

# Columns of `profiles` in the order `fold.sql` yields them.
PROFILE_COLUMNS = (
    "root", "person_id", "version", "members", "present", "as_of", "type_counts", "type_first", "type_last",
    "by_channel", "orders_count", "orders_valued", "net_amount", "count_by_currency", "net_by_currency",
    "first_order_at", "last_order_at", "refunded_amount", "refund_count", "categories", "csat_sum", "csat_count",
    "nps_last", "open_tickets", "points", "tier", "traits", "consent",
)  # fmt: skip

_BY_ROOT = "SELECT * FROM profiles WHERE root = {root:String} ORDER BY version DESC LIMIT 1"
_ROOT_OF = "SELECT root FROM profiles WHERE person_id = {person_id:String} ORDER BY version DESC LIMIT 1"


def write_profiles(database: Database, versions: Mapping[str, int], moment: AsOf, currency: str) -> int:
    """Fold the persons of some subjects anew and keep what comes out. Returns how many there were."""
    resolution = resolve(database, versions, moment)
    if not resolution.persons:
        return 0
    sql = f"INSERT INTO profiles ({', '.join(PROFILE_COLUMNS)}) {statement('fold')}"
    database.execute(sql, fold_parameters(moment, currency), resolution.tables())
    return len(resolution.persons)


def fold_parameters(moment: AsOf, currency: str) -> dict[str, object]:
    """The parameters every fold takes."""
    return {**moment.parameters(), "currency": currency}


def fold_profile(database: Database, subject: str, moment: AsOf, currency: str) -> Row | None:
    """The dossier of a subject's person at a moment, computed from the facts; None before its first fact."""
    resolution = resolve(database, {subject: 0}, moment)
    if not resolution.persons:
        return None
    row = database.one(statement("fold"), fold_parameters(moment, currency), resolution.tables())
    return row if row and row["present"] else None


def current_profile(database: Database, subject: str) -> Row | None:
    """The dossier of a subject's person as it is kept; None when there is none."""
    row = database.one(_BY_ROOT, {"root": subject})
    return row if row and row["present"] else None


def root_of_person(database: Database, person: str) -> str | None:
    """The root of the person with this id, or None."""
    row = database.one(_ROOT_OF, {"person_id": person})
    return str(row["root"]) if row else None


def person_of(database: Database, subject: str) -> str | None:
    """The id of the person a subject belongs to, or None when it was never seen."""
    found, _ = subjects_asked(database, [subject])
    return found[subject].person_id if subject in found else None
