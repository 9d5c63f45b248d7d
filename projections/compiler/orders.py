"""Nodes about a customer's orders: their fields as SQL over a row an order, and a measure of those that match."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from types import MappingProxyType

from projections.compiler.found import Found
from projections.compiler.looks import Look
from projections.compiler.measures import Fields, measured, satisfied
from projections.compiler.operators import compare
from projections.compiler.outcome import Outcome, Statement, things
from schemas.definitions.fields import order_field
from schemas.definitions.happenings import OrderNode

_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "state": "state",
        "net_amount": "net",
        "total": "total",
        "category": "categories",
        "brand": "brands",
        "sku": "skus",
        "store": "nullIf(store, '')",
        "channel": "nullIf(channel, '')",
        "source": "source",
    }
)
_OWN_CURRENCY = "currency = {currency:String}"


def order_value(name: str) -> Found:
    """A field of orders."""
    return Found(_COLUMNS[name], order_field(name), is_store=name == "store")


def order(node: OrderNode, statement: Statement) -> Outcome:
    """A measure of the orders that match; amounts are measured over those in the platform's currency."""
    scope = statement.scope
    filters = [compare(order_value(each.field), each.op, each.value, scope) for each in node.where]
    amounts = [_OWN_CURRENCY] if node.measure.name in {"sum", "avg", "min", "max"} else []
    every = Look(statement.orders, scope, _all(each.holds for each in filters), node.window)
    look = Look(statement.orders, scope, _all([*amounts, *(each.holds for each in filters)]), node.window)
    return Outcome(
        satisfied(node, look, _FIELDS, scope),
        value=partial(measured, node, look, _FIELDS),
        rests_on=partial(things, every, "(source, order_id)", "order_id"),
    )


def _all(terms: Iterable[str]) -> str:
    return " AND ".join(terms) or "1"


_FIELDS = Fields(order_value, lambda name: f"[toDecimal256({_COLUMNS[name]}, 20)]")
