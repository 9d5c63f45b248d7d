"""The dossier of one person, folded from the log as CONTRACT §4 shapes it (without rfm, tags and segments)."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from deploy.oracle.addresses import identifier
from deploy.oracle.behaviour import feedback, interactions, last_at, tickets
from deploy.oracle.identity import CONTRACT, LINKED, UNLINKED, Rules
from deploy.oracle.model import ALONE, By, Json, Logged
from deploy.oracle.orders import orders
from deploy.oracle.owners import Known, known
from deploy.oracle.purchases import purchases
from deploy.oracle.standing import consent, loyalty
from deploy.oracle.traits import Trusted, traits
from deploy.oracle.values import local, shown_time

SHANGHAI = "Asia/Shanghai"
NOBODY_TRUSTED: Trusted = {}


def profiles(
    log: Iterable[Logged],
    now: datetime,
    *,
    as_of: datetime | None = None,
    by: By = "occurred_at",
    currency: str = "CNY",
    orders_of: Mapping[str, str] = ALONE,
    zone: str = SHANGHAI,
    trusted: Trusted = NOBODY_TRUSTED,
    rules: Rules = CONTRACT,
) -> dict[str, Json]:
    """What is known of everybody at `as_of`, or now, by root."""
    view = known(log, as_of or now, by, orders_of, rules)
    return {root: dossier(view, root, currency, zone, trusted) for root in view.roots()}


def profile(
    log: Iterable[Logged],
    address: str,
    now: datetime,
    *,
    as_of: datetime | None = None,
    by: By = "occurred_at",
    currency: str = "CNY",
    orders_of: Mapping[str, str] = ALONE,
    zone: str = SHANGHAI,
    trusted: Trusted = NOBODY_TRUSTED,
    rules: Rules = CONTRACT,
) -> Json | None:
    """What is known of the person an address belongs to at `as_of`, or now; None before the first fact."""
    view = known(log, as_of or now, by, orders_of, rules)
    root = view.people.root(address)
    if root is None or root not in view.roots():
        return None
    return dossier(view, root, currency, zone, trusted)


def dossier(view: Known, root: str, currency: str, zone: str, trusted: Trusted) -> Json:
    """The sections, each from the person's facts; links and unlinks are in none of them."""
    mine = view.events_of(root)
    lived = [event for event in mine if event.type not in (LINKED, UNLINKED)]
    bought = [order for order in orders(view, currency) if order.owner == root]
    return {
        "identifiers": [identifier(member) for member in view.people.members(root)],
        "first_seen": shown_time(lived[0].occurred_at) if lived else None,
        "last_seen": last_at(lived),
        "orders": purchases(bought, currency, zone),
        "interactions": interactions(lived),
        "feedback": feedback(lived) | tickets(view, root),
        "loyalty": loyalty(lived, view.moment),
        "consent": consent(lived, view.moment),
        **traits(lived, trusted, local(view.moment, zone).date()),
    }
