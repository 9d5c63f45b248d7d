"""The customer dossier as the API shows it: one row of the profile projection in the shape of the contract. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from api.behaviour_view import consent, feedback, interactions, loyalty
from api.figures import time
from api.purchases_view import purchases
from api.traits_view import derived, trait_details, traits
from projections.database import Row
from schemas.identifiers import Identifier, by_priority
from schemas.money import format_money
from schemas.rfm import CLASS_LABELS, Boundaries, recency_days, scores, share_percent
from schemas.times import format_time

_UNSCORED = dict.fromkeys(("r", "f", "m", "share_percent", "class", "label", "boundaries_at"))
_LINKS = ("customer.linked", "customer.unlinked")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a dossier is shown with: at which moment, in which currency, against which RFM boundaries.

    `zone` says which day it is, `region` what numbers and codes should look like.
    """

    at: datetime
    currency: str
    boundaries: Boundaries | None
    zone: str = "Asia/Shanghai"
    region: str = "CN"

    @property
    def today(self) -> date:
        """The moment's date."""
        return self.at.astimezone(ZoneInfo(self.zone)).date()


def dossier(row: Row, identifiers: Sequence[Identifier], shown: Shown) -> dict[str, Any]:
    """The dossier without its freshness."""
    lived = {name: at for name, at in row["type_last"].items() if name not in _LINKS}
    began = [at for name, at in row["type_first"].items() if name not in _LINKS]
    values = traits(row)
    details = trait_details(row, values, shown.region, shown.today)
    return {
        "person_id": row["person_id"],
        "identifiers": [identifier(each) for each in by_priority(identifiers)],
        "traits": values,
        "trait_details": details,
        "derived": derived(details, shown.today),
        "first_seen": time(min(began, default=None)),
        "last_seen": time(max(lived.values(), default=None)),
        "orders": purchases(row, shown.currency),
        "interactions": interactions(row),
        "feedback": feedback(row),
        "loyalty": loyalty(row, shown.at),
        "rfm": rfm(row, shown),
        "lifecycle": None,
        "tags": {},
        "segments": [],
        "consent": consent(row, shown.at),
    }


def identifier(each: Identifier) -> dict[str, str]:
    """One identifier; `source` only where it means something inside one source."""
    scope = {} if each.source is None else {"source": each.source}
    return {"type": each.type, "value": each.value, **scope}


def rfm(row: Row, shown: Shown) -> dict[str, Any] | None:
    """Recency, frequency and monetary at the moment, scored; null without counted orders."""
    if not row["orders_count"]:
        return None
    recency = recency_days(row["last_order_at"], shown.at)
    figures = {
        "recency_days": recency,
        "frequency": row["orders_count"],
        "monetary": format_money(row["net_amount"], shown.currency),
    }
    against = shown.boundaries
    if against is None or not against.customers:
        return {**figures, **_UNSCORED}
    net_amount = Decimal(row["net_amount"])
    scored = scores(recency, row["orders_count"], net_amount, against)
    return {
        **figures,
        "r": scored.r,
        "f": scored.f,
        "m": scored.m,
        "share_percent": share_percent(net_amount, against),
        "class": scored.class_key,
        "label": CLASS_LABELS[scored.class_key],
        "boundaries_at": format_time(against.at),
    }
