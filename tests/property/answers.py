"""What the platform says of a recorded history, and what the oracle says of it, in the same words."""

from __future__ import annotations

from datetime import datetime
from operator import itemgetter

from api import views
from api.addresses import AddressBook
from api.dossier import Shown, dossier
from api.rfm_view import rfm_answer
from deploy.oracle.fold import profiles
from deploy.oracle.model import By, Json, Key, Logged
from deploy.oracle.orders import Order, orders
from deploy.oracle.owners import known
from deploy.oracle.refunds import Refund
from deploy.oracle.rfm import rfm
from deploy.oracle.values import amount, shown_money, shown_time
from projections.database import Database, Row
from projections.orders import LATEST_ORDER, orders_of
from projections.profiles import Terms, fold_parameters
from projections.resolution import AsOf, resolve
from projections.rfm import boundaries, grid, population
from projections.statements import statement
from projections.timeline import EventCursor, Selection, timeline
from schemas.rfm import Boundaries
from tests.property.recording import CURRENCY, TERMS
from tests.strategies.customers import ADDRESSES
from tests.strategies.histories import NOW, ORDERS_OF

_LATER = ("person_id", "rfm", "lifecycle", "tags", "segments")
_OF_NO_CONCERN = ("store",)
_MONEY = ("amount", "refunded", "net")
_BOOK = AddressBook("CN", frozenset(), lambda _: None)
Pair = tuple[str, str]


def as_of(at: datetime, by: By) -> AsOf:
    """The contract's two kinds of looking back."""
    return AsOf(at) if by == "occurred_at" else AsOf(at, at)


def shown(row: Row, at: datetime, terms: Terms = TERMS) -> Json:
    """The dossier, without what the oracle says elsewhere."""
    said = dossier(row, _BOOK.identifiers(row["members"]), Shown(at, CURRENCY, None, terms.zone))
    return {name: value for name, value in said.items() if name not in _LATER}


def kept(database: Database) -> dict[str, Row]:
    """Everybody's row, as it is kept."""
    rows = database.rows("SELECT * FROM profiles FINAL")
    return {row["root"]: row for row in rows if row["present"]}


def folded(database: Database, moment: AsOf, terms: Terms = TERMS) -> dict[str, Row]:
    """Everybody's row as of a moment, in one fold."""
    resolution = resolve(database, ADDRESSES, moment)
    if not resolution.persons:
        return {}
    rows = database.rows(statement("fold"), fold_parameters(moment, terms), resolution.tables())
    return {row["root"]: row for row in rows if row["present"]}


def dossiers(rows: dict[str, Row], at: datetime, terms: Terms = TERMS) -> dict[str, Json]:
    """What the API makes of rows."""
    return {root: shown(row, at, terms) for root, row in rows.items()}


def expected(log: list[Logged], at: datetime, by: By = "occurred_at", terms: Terms = TERMS) -> dict[str, Json]:
    """What the oracle says of everybody it knows anything of."""
    trusted = terms.trait_sources
    return profiles(log, NOW, as_of=at, by=by, orders_of=ORDERS_OF, zone=terms.zone, trusted=trusted)


def scored(row: Row, against: Boundaries) -> Json | None:
    """The dossier's RFM."""
    said: Json | None = dossier(row, [], Shown(NOW, CURRENCY, against))["rfm"]
    return {name: value for name, value in said.items() if name != "boundaries_at"} if said else None


def check_rfm(database: Database, log: list[Logged], at: datetime, by: By, *, from_facts: bool) -> Boundaries:
    """Boundaries, means, cells and classes are the oracle's."""
    everybody = population(database, as_of(at, by), CURRENCY, from_facts=from_facts)
    found = boundaries(database, everybody)
    answer = rfm_answer(found, grid(database, everybody, found), CURRENCY)
    assert answer == rfm(log, NOW, as_of=at, by=by, orders_of=ORDERS_OF), (at, by, from_facts)
    return found


def events_of(database: Database, address: str, moment: AsOf) -> list[Key]:
    """The timeline of an address, by its events' ids."""
    events = timeline(database, address, moment, Selection(), EventCursor(), 100)
    return [(event["source"], event["event_id"]) for event in events]


def bought(database: Database, address: str, moment: AsOf) -> list[Json]:
    """The orders of an address as the API shows them, by (source, order_id), their events by their ids."""
    said = map(views.order, orders_of(database, address, moment, TERMS, LATEST_ORDER, 100))
    return sorted(map(_in_short, said), key=itemgetter("source", "order_id"))


def _in_short(said: Json) -> Json:
    events = [(event["source"], event["event_id"]) for event in said["events"]]
    return {name: value for name, value in said.items() if name not in _OF_NO_CONCERN} | {"events": events}


def told_orders(log: list[Logged], address: str, at: datetime, by: By) -> list[Json]:
    """The same by the oracle."""
    view = known(log, at, by, ORDERS_OF)
    root = view.people.root(address)
    return [listed(one) for one in orders(view, CURRENCY) if root and one.owner == root]


def listed(order: Order) -> Json:
    """The oracle's order in the words of the API."""
    currency = order.currency
    return {
        "order_id": order.order_id,
        "source": order.source,
        "state": order.state,
        "total": shown_money(order.total, currency),
        "refunded": shown_money(order.refunded, currency),
        "net": shown_money(order.net, currency),
        "currency": currency,
        "counted_at": shown_time(order.counted_at),
        "counts": order.counts,
        "channel": order.channel,
        "discount": None if order.discount is None else shown_money(order.discount, currency),
        "coupon": order.coupon,
        "refunds": [_refund(one, currency) for one in order.refunds],
        "refund_count": len(order.refunds),
        "over_refunded": order.over_refunded,
        "flags": ["over_refunded"] if order.over_refunded else [],
        "lines": _lines(order),
        "unallocated_refund": shown_money(order.unallocated, currency),
        "events": list(order.events),
    }


def _refund(refund: Refund, currency: str) -> Json:
    return {
        "refund_id": refund.refund_id,
        "amount": shown_money(refund.amount, currency),
        "occurred_at": shown_time(refund.occurred_at),
        "reason": refund.reason,
        "lines": [_line(line, currency) for line in refund.lines],
    }


def _lines(order: Order) -> list[Json]:
    return [
        _line({**line, "refunded": back, "net": amount(line["amount"]) - back}, order.currency)
        for line, back in zip(order.lines, order.returned, strict=True)
    ]


def _line(line: Json, currency: str) -> Json:
    money = {name: shown_money(amount(line[name]), currency) for name in _MONEY if name in line}
    return {**line, "sku": str(line["sku"]), **money}


def refusals(database: Database) -> dict[Pair, tuple[str, Key]]:
    """The pairs that are kept as refused, with the rule and the earliest event that was refused."""
    rows = database.rows("SELECT node, other, rule, source, event_id FROM refusals FINAL WHERE refused")
    return {(row["node"], row["other"]): (row["rule"], (row["source"], row["event_id"])) for row in rows}


def told_refusals(log: list[Logged]) -> dict[Pair, tuple[str, Key]]:
    """The same by the oracle, each pair under both names; those that came together in another way are left out."""
    people = known(log, NOW).people
    found: dict[Pair, tuple[str, Key]] = {}
    for edge in people.refused:
        if edge.b not in people.members(edge.a):
            found.setdefault((edge.a, edge.b), (edge.rule, edge.event))
    return found | {(b, a): why for (a, b), why in found.items()}
