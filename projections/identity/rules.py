"""The rules of identity in force: the last version the control topic brought, else the built-in ones."""

from __future__ import annotations

from projections.controls import last_said
from projections.database import Database
from projections.moments import AsOf
from schemas.identity import DEFAULT_RULES, IdentityRules


def rules_at(database: Database, moment: AsOf) -> IdentityRules:
    """The rules that were known at a moment."""
    said = last_said(database, "identity_rules", moment)
    return IdentityRules.model_validate(said.control.value) if said else DEFAULT_RULES
