"""The figures of the dossier that a definition may compare, each with what it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from schemas.definitions.limits import MAX_NAME
from schemas.definitions.operators import Typed
from schemas.definitions.refusals import did_you_mean
from schemas.definitions.values import Kind
from schemas.errors import InvalidValue
from schemas.events.catalogue import is_event_type
from schemas.interactions import is_interaction


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure. Those by type, channel, campaign or purpose have a `key`; `name` is the catalogue's."""

    path: str
    """As it was written: interactions.by_type.product.viewed."""
    name: str
    """interactions.by_type.*"""
    typed: Typed
    zero: bool
    """Whether it is 0, and not missing, where nothing was recorded."""
    key: str = ""
    """product.viewed"""


_ZERO = (
    "orders.count orders.refund_count interactions.count interactions.sessions interactions.by_type.* "
    "interactions.by_channel.* interactions.by_campaign.* feedback.csat_count feedback.nps_count feedback.reviews "
    "feedback.tickets feedback.open_tickets loyalty.points loyalty.expiring.points loyalty.expired "
    "orders.net_amount orders.refunded_amount"
)
_HELD: Mapping[Kind, str] = {
    "number": (
        "orders.count orders.refund_count orders.basket.items orders.basket.lines orders.preferred_hour "
        "orders.preferred_weekday orders.interval_days orders.price_sensitivity interactions.count "
        "interactions.sessions interactions.by_type.* interactions.by_channel.* interactions.by_campaign.* "
        "feedback.csat_average feedback.csat_count feedback.nps_last feedback.nps_count feedback.stars_average "
        "feedback.reviews feedback.tickets feedback.open_tickets loyalty.points loyalty.expiring.points "
        "loyalty.expired rfm.recency_days rfm.frequency rfm.r rfm.f rfm.m rfm.share_percent derived.age"
    ),
    "money": "orders.net_amount orders.average orders.refunded_amount rfm.monetary",
    "time": (
        "first_seen last_seen orders.first_at orders.last_at interactions.last_at interactions.first_touch.at "
        "interactions.last_touch.at feedback.last_at loyalty.tier_until loyalty.expiring.next_at consent.*.at "
        "consent.*.expires_at"
    ),
    "date": "derived.birthday",
    "string": (
        "orders.favourite_category orders.preferred_channel interactions.first_touch.type "
        "interactions.first_touch.source interactions.first_touch.channel interactions.first_touch.campaign "
        "interactions.last_touch.type "
        "interactions.last_touch.source interactions.last_touch.channel interactions.last_touch.campaign "
        "loyalty.tier rfm.class rfm.label lifecycle derived.gender derived.address.country derived.address.province "
        "derived.address.city derived.address.line consent.*.source consent.*.evidence"
    ),
    "bool": "consent.*.granted consent.*.effective",
}
_LISTS = "orders.categories orders.brands"

METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        **{
            name: Metric(name, name, Typed(kind), name in _ZERO.split())
            for kind, names in _HELD.items()
            for name in names.split()
        },
        **{name: Metric(name, name, Typed("string", many=True), zero=False) for name in _LISTS.split()},
    }
)
"""By name; `*` stands for a type, channel, campaign or purpose."""

_WITH_KEY = sorted(name for name in METRICS if "*" in name)
_ORDERED: frozenset[Kind] = frozenset({"number", "money", "time", "date"})


def metric(path: str) -> Metric:
    """The figure at a path of the dossier. Raises InvalidValue."""
    if path in METRICS and "*" not in path:
        return METRICS[path]
    for name in _WITH_KEY:
        before, _, after = name.partition("*")
        key = path[len(before) : len(path) - len(after)]
        if path.startswith(before) and path.endswith(after) and _is_key(name, key):
            return Metric(path, name, METRICS[name].typed, METRICS[name].zero, key)
    raise InvalidValue("unknown_field", f"is no figure of the dossier{did_you_mean(path, METRICS)}")


def ordered_metric(path: str) -> Metric:
    """A figure by which customers can be ranked. Raises InvalidValue."""
    found = metric(path)
    if found.typed.many or found.typed.kind not in _ORDERED:
        raise InvalidValue("invalid_value", "has no order by which customers could be ranked")
    return found


def single_metric(path: str) -> Metric:
    """A figure that is one text or one number. Raises InvalidValue."""
    found = metric(path)
    if found.typed.many or found.typed.kind not in {"string", "number"}:
        raise InvalidValue("invalid_value", "should be a figure that is one text or one number")
    return found


def _is_key(name: str, key: str) -> bool:
    if not 0 < len(key) <= MAX_NAME or "\x00" in key or "*" in key:
        return False
    return name != "interactions.by_type.*" or (is_event_type(key) and is_interaction(key))
